import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import { hashSecret, newSecret } from "../plumbing/secret.ts";
import { SERVICE_USERS } from "./access.ts";
import { type Device, newDeviceSchema } from "./contract.ts";
import type { Guard } from "./guard.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = { store: Pick<DeviceDbStore, "registry">; guard: Guard; onDeviceChanged: (device: Device) => void };

/** The registry. */
export function deviceRoutes({ store, guard, onDeviceChanged }: Deps): Route[] {
  return [
    {
      method: "GET",
      path: "/api/devices",
      handle: (request) => {
        guard.requireReader(request);
        return json({ data: store.registry.list() });
      },
    },
    {
      method: "GET",
      path: "/api/devices/:serial",
      handle: (request) => {
        guard.requireReader(request);
        return json(deviceIn(store.registry, request.params["serial"]));
      },
    },
    {
      method: "POST",
      path: "/api/devices",
      handle: async (request) => {
        guard.requireOperator(request);
        const { device, password } = await addDevice(store.registry, await request.json());
        onDeviceChanged(device);
        return json({ ...device, password }, 201);
      },
    },
    {
      method: "POST",
      path: "/api/devices/:serial/rotate-link",
      handle: async (request) => {
        guard.requireOperator(request);
        const device = await rotateLink(store.registry, request.params["serial"]);
        onDeviceChanged(device);
        return json(device);
      },
    },
  ];
}

function deviceIn(registry: DeviceDbStore["registry"], serial = ""): Device {
  const device = registry.find(serial);
  if (!device) throw new HttpError(404, `No device "${serial}" is registered.`);
  return device;
}

async function rotateLink(registry: DeviceDbStore["registry"], serial: string | undefined): Promise<Device> {
  const device = deviceIn(registry, serial);
  if (await registry.rotateLink(device.serial)) return deviceIn(registry, device.serial);
  throw new HttpError(409, `The link of "${device.serial}" has its last version, ${String(device.keyVersion)}.`);
}

/** The password is shown this once: only its hash is kept. */
async function addDevice(registry: DeviceDbStore["registry"], body: unknown) {
  const wanted = newDeviceSchema.safeParse(body);
  if (!wanted.success) {
    const [issue] = wanted.error.issues;
    throw new HttpError(422, `${issue?.path.join(".") || "The body"}: ${issue?.message ?? "is not acceptable"}.`);
  }
  const { serial } = wanted.data;
  if (SERVICE_USERS.some((user) => user === serial)) throw new HttpError(409, `The name "${serial}" is a service's.`);
  const password = newSecret();
  const added = await registry.add(wanted.data, hashSecret(password));
  if (!added) throw new HttpError(409, `A device "${serial}" is registered already.`);
  return { device: registry.find(serial) as Device, password };
}

import { isForwarded, requireKey } from "../plumbing/caller.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { hashSecret, newSecret } from "../plumbing/secret.ts";
import { SERVICE_USERS } from "./access.ts";
import { DELIVERY_STATES, type Device, newDeviceSchema } from "./contract.ts";
import { viewSession } from "./session-view.ts";
import type { DeviceDbStore } from "./store.ts";

type Access = { operatorKey: string; isPublic: boolean };

type Deps = Access & { store: DeviceDbStore; onDeviceChanged: (device: Device) => void };

/** The HTTP API. Writing needs the operator's key; so does reading, when a proxy stands between us and the caller. */
export function apiRoutes({ store, onDeviceChanged, ...access }: Deps): Route[] {
  const { requireOperator, requireReader } = guards(access);

  const reading = (path: string, read: (request: HttpRequest) => unknown): Route => ({
    method: "GET",
    path,
    handle: (request) => {
      requireReader(request);
      return json(read(request));
    },
  });

  return [
    reading("/api/devices", () => ({ data: store.registry.list() })),
    reading("/api/devices/:serial", ({ params }) => {
      return deviceIn(store.registry, params["serial"]);
    }),
    reading("/api/sessions/:id", ({ params }) => {
      return viewSession(store, params["id"] ?? "") ?? notFound("No session has this id.");
    }),
    reading("/api/deliveries", ({ query }) => ({ data: store.deliveries.list(stateIn(query)) })),
    {
      method: "POST",
      path: "/api/devices",
      handle: async (request) => {
        requireOperator(request);
        const { device, password } = await addDevice(store.registry, await request.json());
        onDeviceChanged(device);
        return json({ ...device, password }, 201);
      },
    },
    {
      method: "POST",
      path: "/api/devices/:serial/rotate-link",
      handle: async (request) => {
        requireOperator(request);
        const device = await rotateLink(store.registry, request.params["serial"]);
        onDeviceChanged(device);
        return json(device);
      },
    },
  ];
}

const WITHOUT_KEY = "Send the operator's key as a bearer token.";

function guards({ operatorKey, isPublic }: Access) {
  const requireOperator = (request: HttpRequest): void => requireKey(request, operatorKey, WITHOUT_KEY);
  const requireReader = (request: HttpRequest): void => {
    if (isPublic || isForwarded(request)) requireOperator(request);
  };
  return { requireOperator, requireReader };
}

function notFound(detail: string): never {
  throw new HttpError(404, detail);
}

function stateIn(query: URLSearchParams) {
  const wanted = query.get("state");
  const state = DELIVERY_STATES.find((known) => known === wanted);
  if (wanted !== null && !state) throw new HttpError(422, `"state" must be one of ${DELIVERY_STATES.join(", ")}.`);
  return state;
}

function deviceIn(registry: DeviceDbStore["registry"], serial = ""): Device {
  return registry.find(serial) ?? notFound(`No device "${serial}" is registered.`);
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

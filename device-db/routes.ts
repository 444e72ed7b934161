import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { bearsKey, hashSecret, newSecret } from "../plumbing/secret.ts";
import { DELIVERY_STATES, type Device, newDeviceSchema, type SessionView } from "./contract.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = {
  store: DeviceDbStore;
  operatorKey: string;
  isPublic: boolean;
  onDeviceAdded: (device: Device) => void;
};

/** The HTTP API. Writing needs the operator's key; so does reading, when a proxy stands between us and the caller. */
export function apiRoutes({ store, operatorKey, isPublic, onDeviceAdded }: Deps): Route[] {
  function requireOperator(request: HttpRequest): void {
    if (!bearsKey(request.header("authorization"), operatorKey)) {
      throw new HttpError(401, "Send the operator's key as a bearer token.", { "www-authenticate": "Bearer" });
    }
  }

  function requireReader(request: HttpRequest): void {
    const isForwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host"].some(
      (name) => request.header(name) !== undefined,
    );
    if (isPublic || isForwarded) requireOperator(request);
  }

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
      const device = store.registry.find(params["serial"] ?? "");
      if (!device) throw new HttpError(404, `No device "${params["serial"] ?? ""}" is registered.`);
      return device;
    }),
    reading("/api/sessions/:id", ({ params }) => sessionView(store, params["id"] ?? "")),
    reading("/api/deliveries", ({ query }) => {
      const wanted = query.get("state");
      const state = DELIVERY_STATES.find((known) => known === wanted);
      if (wanted !== null && !state) throw new HttpError(422, `"state" must be one of ${DELIVERY_STATES.join(", ")}.`);
      return { data: store.deliveries.list(state) };
    }),
    {
      method: "POST",
      path: "/api/devices",
      handle: async (request) => {
        requireOperator(request);
        return json(await addDevice(await request.json()), 201);
      },
    },
  ];

  async function addDevice(body: unknown) {
    const wanted = newDeviceSchema.safeParse(body);
    if (!wanted.success) {
      const [issue] = wanted.error.issues;
      throw new HttpError(422, `${issue?.path.join(".") || "The body"}: ${issue?.message ?? "is not acceptable"}.`);
    }
    const password = newSecret();
    const added = await store.registry.add(wanted.data, hashSecret(password));
    if (!added) throw new HttpError(409, `A device "${wanted.data.serial}" is registered already.`);
    const device = store.registry.find(wanted.data.serial) as Device;
    onDeviceAdded(device);
    return { ...device, password };
  }
}

function sessionView(store: DeviceDbStore, id: string): SessionView {
  const session = store.flow.session(id);
  const event = store.deliveries.eventOfSession(id);
  const delivery = store.deliveries.ofSession(id);
  if (!session && !event) throw new HttpError(404, "No session has this id.");
  return {
    id,
    serial: session?.serial ?? delivery?.serial ?? "",
    state: session?.state ?? "ended",
    answer: session?.answer ?? null,
    scent: session?.scent ?? event?.scent ?? null,
    command: session?.command_state ? { id: session.command_id, state: session.command_state } : null,
    event: event && { id: event.id, seq: event.seq, status: event.status, scent: event.scent, at: event.at },
    delivery,
    hops: store.flow.hops(id),
  };
}

import type { Route } from "../plumbing/http.ts";
import { json, type Reply } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { parse } from "../plumbing/parse.ts";
import type { Commands } from "./commands.ts";
import { newCommandSchema, newDeviceSchema } from "./contract.ts";
import type { Guard } from "./guard.ts";
import type { Registry } from "./registry.ts";

type Deps = { registry: Registry; commands: Commands; guard: Guard };

/** The registry, and the commands of operators. */
export function deviceRoutes({ registry, commands, guard }: Deps): Route[] {
  const reading = (path: string, read: (serial: string) => unknown): Route => ({
    method: "GET",
    path,
    handle: (request) => {
      guard.requireReader(request);
      return json(read(serialIn(request)));
    },
  });
  const deciding = (path: string, decide: (request: HttpRequest, serial: string) => Promise<Reply>): Route => ({
    method: "POST",
    path,
    handle: (request) => {
      guard.requireOperator(request);
      return decide(request, serialIn(request));
    },
  });

  return [
    reading("/api/devices", () => ({ data: registry.views() })),
    reading("/api/devices/:serial", registry.view),
    deciding("/api/devices", async (request) =>
      json(await registry.add(parse(newDeviceSchema, await request.json())), 201),
    ),
    deciding("/api/devices/:serial/commands", async (request, serial) => {
      const device = registry.device(serial);
      return json(await commands.issue(device, parse(newCommandSchema, await request.json())), 202);
    }),
    deciding("/api/devices/:serial/enable", async (_request, serial) => json(await registry.enable(serial, true))),
    deciding("/api/devices/:serial/disable", async (_request, serial) => json(await registry.enable(serial, false))),
    deciding("/api/devices/:serial/rotate", async (_request, serial) => json(await registry.changePassword(serial))),
    deciding("/api/devices/:serial/rotate-link", async (_request, serial) => json(await registry.rotateLink(serial))),
  ];
}

function serialIn({ params }: HttpRequest): string {
  return params["serial"] ?? "";
}

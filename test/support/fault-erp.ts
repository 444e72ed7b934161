import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Usage } from "../../erp-stub/contract.ts";

const SLOW_MS = 300;
const VERY_LATE_MS = 2_000;

/** One call of `GET /device/switch` that the ERP carried out. */
type Execution = { ref: string; serial: string; status: string; scent: string };

type Call = {
  /** Carries the call out; an ERP that honours keys does so once for each. */
  execute: () => void;
  answer: (status: number, body: string | object, headers?: Record<string, string>) => void;
  /** Ends the connection with a reset. */
  reset: () => void;
  accepted: { message: string; serial: string; status: string; timestamp: string };
  url: string;
};

const FAULTS = {
  none: ({ execute, answer, accepted }) => {
    execute();
    answer(200, accepted);
  },
  slow: async ({ execute, answer, accepted }) => {
    await delay(SLOW_MS);
    execute();
    answer(200, accepted);
  },
  rejected: ({ answer }) => answer(422, { error: "Validation failed", details: { scent: ["not known"] } }),
  unauthorized: ({ answer }) => answer(401, "<h1>Who are you?</h1>"),
  "error before executing": ({ answer }) => answer(500, "<h1>Internal Server Error</h1>"),
  "error after executing": ({ execute, answer }) => {
    execute();
    answer(500, "<h1>Internal Server Error</h1>");
  },
  "reset before executing": ({ reset }) => reset(),
  "reset after executing": ({ execute, reset }) => {
    execute();
    reset();
  },
  "executed after the reset": async ({ execute, reset }) => {
    reset();
    await delay(SLOW_MS);
    execute();
  },
  "executed long after the reset": async ({ execute, reset }) => {
    reset();
    await delay(VERY_LATE_MS);
    execute();
  },
  "a page instead of the answer": ({ execute, answer }) => {
    execute();
    answer(200, "<!doctype html><title>Welcome</title>");
  },
  "the answer to another call": ({ execute, answer, accepted }) => {
    execute();
    answer(200, { ...accepted, serial: "dev-0001" });
  },
  redirect: ({ execute, answer, url }) => {
    execute();
    answer(302, "", { location: url });
  },
  "executed without an answer": ({ execute }) => execute(),
} satisfies Record<string, (call: Call) => void | Promise<void>>;

export type Fault = keyof typeof FAULTS;

/**
 * An ERP that goes wrong as it is told, call by call, and counts what it carried out.
 *
 * @param options `honoursKeys` as the bundled ERP in safe mode; `readBack` is how it answers a look-up by reference
 */
export async function openFaultErp({
  honoursKeys = false,
  readBack = "by reference" as "by reference" | "everything" | "forbidden",
  port = 0,
} = {}) {
  const script: Fault[] = [];
  const executions: Execution[] = [];
  const calls: { url: string; key: string; at: number }[] = [];
  let lookups = 0;

  const server = createServer((req, res) => {
    const url = new URL(req.url ?? "/", "http://erp");
    if (url.pathname === "/api/device-usages") return lookUp(url.searchParams.get("ref") ?? "", res);
    const key = String(req.headers["idempotency-key"] ?? "");
    calls.push({ url: req.url ?? "", key, at: performance.now() });
    void FAULTS[script.shift() ?? "none"](callOf({ url, key }, req, res));
  });

  function callOf({ url, key }: { url: URL; key: string }, req: IncomingMessage, res: ServerResponse): Call {
    const [serial = "", status = "", scent = ""] = ["serial", "status", "scent"].map(
      (name) => url.searchParams.get(name) ?? "",
    );
    return {
      url: req.url ?? "",
      accepted: { message: "Device check-in successful", serial, status, timestamp: new Date().toISOString() },
      execute() {
        if (honoursKeys && executions.some(({ ref }) => ref === key)) return;
        executions.push({ ref: key, serial, status, scent });
      },
      answer(code, body, headers = {}) {
        // Not chained: where restify is loaded too, it has patched `writeHead` to return nothing.
        res.writeHead(code, headers);
        res.end(typeof body === "string" ? body : JSON.stringify(body));
      },
      reset: () => void req.socket.resetAndDestroy(),
    };
  }

  function lookUp(ref: string, res: ServerResponse): void {
    lookups += 1;
    const usages = executions.map(usageOf);
    const data = readBack === "everything" ? usages.reverse() : usages.filter((usage) => usage.ref === ref);
    res.writeHead(readBack === "forbidden" ? 403 : 200);
    res.end(JSON.stringify({ data }));
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    /** What goes wrong with the next calls, one after the other; then nothing does. */
    script,
    executions,
    calls,
    lookups: () => lookups,
    /** Ends the calls that wait for an answer. */
    hangUp: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function usageOf({ ref, serial, scent }: Execution, at: number): Usage {
  const none = { timeinAt: null, timeoutAt: null, checkoutAt: null, startTime: null, endTime: null };
  const checkinAt = "2026-03-01T12:00:00.000Z";
  const request = "GET /device/switch";
  return {
    id: at + 1,
    ref,
    serial,
    status: "checkin",
    scent,
    room: "101",
    source: "webhook",
    checkinAt,
    ...none,
    request,
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import type { TlsOptions } from "node:tls";
import type { Usage } from "../../erp-stub/contract.ts";
import { listen } from "../../plumbing/listen.ts";
import { type Fault, stepOf } from "./erp-faults.ts";
import { give } from "./fault-answers.ts";

export type { Fault };

/** One call of `GET /device/switch` that the ERP carried out. */
type Execution = { ref: string; serial: string; status: string; scent: string };

type Options = {
  /** Carries a call out once for each key, as the bundled ERP in safe mode does. */
  honoursKeys?: boolean;
  readBack?: ReadBack;
  port?: number;
  tls?: TlsOptions;
  /** By which the calls are timed. */
  now?: () => number;
};

/** What a look-up finds: by what it asks for, by serial only as no reference was kept, all there is, or nothing at all. */
type ReadBack = "by reference" | "by serial" | "everything" | "forbidden";

/** An ERP that goes wrong as it is told, call by call, and counts what it carried out. */
export async function openFaultErp(options: Options = {}) {
  const { honoursKeys = false, readBack = "by reference", port = 0, tls, now = () => performance.now() } = options;
  const told = { script: [] as Fault[], lookUpScript: [] as Fault[], otherwise: "none" as Fault };
  const executions: Execution[] = [];
  const calls: { url: string; key: string; at: number }[] = [];
  let lookUps = 0;

  const answerRequest = (req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? "/", "http://erp");
    if (url.pathname === "/api/device-usages") {
      lookUps += 1;
      return void play(told.lookUpScript.shift() ?? "none", { res, accepted: () => found(url.searchParams) });
    }
    const key = String(req.headers["idempotency-key"] ?? "");
    calls.push({ url: req.url ?? "", key, at: now() });
    const { serial = "", status = "", scent = "" } = Object.fromEntries(url.searchParams);
    const execute = () => {
      if (honoursKeys && executions.some(({ ref }) => ref === key)) return;
      executions.push({ ref: key, serial, status, scent });
    };
    void play(told.script.shift() ?? told.otherwise, { res, execute, accepted: () => accept(serial, status) });
  };

  function found(filter: URLSearchParams) {
    if (readBack === "forbidden") return { status: 403, body: { error: "Forbidden" } };
    return { status: 200, body: { data: usagesFor(executions, filter, readBack) } };
  }

  const server = tls ? createTlsServer(tls, answerRequest) : createServer(answerRequest);
  // Whoever speaks no TLS, or does not trust ours, is no failure of the test.
  server.on("tlsClientError", () => undefined);
  const bound = await listen(server, { host: "127.0.0.1", port, setting: "port" });
  return {
    url: tls ? `https://127.0.0.1:${String(bound)}` : `http://127.0.0.1:${String(bound)}`,
    /** What goes wrong with the next calls, one after the other; then it is `otherwise`. */
    script: told.script,
    /** The same for look-ups; then they are answered. */
    lookUpScript: told.lookUpScript,
    /** What happens to all calls that the script says nothing of. */
    otherwise: (fault: Fault) => {
      told.otherwise = fault;
    },
    executions,
    calls,
    lookups: () => lookUps,
    /** Ends the calls that wait for an answer. */
    hangUp: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Call = { res: ServerResponse; execute?: () => void; accepted: () => { status: number; body: object } };

async function play(fault: Fault, { res, execute, accepted }: Call): Promise<void> {
  const { workMs = 0, executes, answer } = stepOf(fault);
  // Without a wait the answer leaves in the turn in which the call came.
  if (workMs > 0) await delay(workMs);
  if (executes === undefined) execute?.();
  give(answer ?? accepted(), res);
  if (typeof executes !== "object") return;
  await delay(executes.afterMs);
  execute?.();
}

function accept(serial: string, status: string) {
  return {
    status: 200,
    body: { message: "Device check-in successful", serial, status, timestamp: new Date().toISOString() },
  };
}

/** Newest first, as the bundled ERP lists them: a check-in opens a usage, each call finds the one that it changed. */
function usagesFor(executions: readonly Execution[], filter: URLSearchParams, readBack: ReadBack): Usage[] {
  const serial = readBack === "everything" ? null : filter.get("serial");
  const ref = readBack === "by reference" ? filter.get("ref") : null;
  return executions
    .map((execution, at) => ({ status: execution.status, usage: usageOf(execution, at) }))
    .filter(({ usage }) => serial === null || usage.serial === serial)
    .filter(({ status, usage }) => (ref === null ? status === "checkin" : usage.ref === ref))
    .map(({ usage }) => (readBack === "by serial" ? { ...usage, ref: null } : usage))
    .reverse();
}

function usageOf({ ref, serial, scent, status }: Execution, at: number): Usage {
  const none = { timeinAt: null, timeoutAt: null, checkoutAt: null, intervals: [], startTime: null, endTime: null };
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
    ...(status === "checkin" ? {} : { [`${status}At`]: checkinAt }),
    request,
  };
}

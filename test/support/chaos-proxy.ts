import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { listen } from "../../plumbing/listen.ts";

/** Well below the time that the device database waits before it asks. */
const LATE_MS = 50;
const PAGE = "<!doctype html><title>Oops</title>";

type Answer = { status: number; body: string };

type Way = {
  /** Lets the ERP have the call. */
  pass: () => Promise<Answer | undefined>;
  reply: (answer: Answer) => void;
  reset: () => void;
};

/** What may go wrong with a call, before and after the ERP has carried it out. */
const FAULTS: Record<"before" | "after", ((way: Way) => unknown)[]> = {
  before: [({ reset }) => reset(), ({ reply }) => reply({ status: 500, body: PAGE })],
  after: [
    async ({ pass, reset }) => {
      await pass();
      reset();
    },
    async ({ pass, reply }) => {
      await pass();
      reply({ status: 500, body: PAGE });
    },
    async ({ pass, reply }) => {
      await pass();
      reply({ status: 200, body: PAGE });
    },
    async ({ pass, reset }) => {
      reset();
      await delay(LATE_MS);
      await pass();
    },
  ],
};

/** Of all calls; a fourth goes wrong. */
const SHARE = { before: 0.1, after: 0.15 };

/** Stands before an ERP; each call of `/device/switch` may go wrong, as `random` says. What else is asked gets through. */
export async function openChaosProxy(erpPort: number, random: () => number) {
  const faults = { before: 0, after: 0 };

  function faultOf(req: IncomingMessage): ((way: Way) => unknown) | undefined {
    if (!req.url?.startsWith("/device/switch")) return undefined;
    const luck = random();
    const kind = luck < SHARE.before ? "before" : luck < SHARE.before + SHARE.after ? "after" : undefined;
    if (!kind) return undefined;
    faults[kind] += 1;
    return FAULTS[kind][Math.floor(random() * FAULTS[kind].length)];
  }

  const server = createServer((req, res) => {
    const way = wayOf(req, res, erpPort);
    const fault = faultOf(req);
    if (fault) return void fault(way);
    void way.pass().then((answer) => (answer ? way.reply(answer) : way.reset()));
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "port" });
  return {
    url: `http://127.0.0.1:${String(port)}`,
    faults,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function wayOf(req: IncomingMessage, res: ServerResponse, port: number): Way {
  const { method, headers, url: path } = req;
  return {
    pass: () =>
      new Promise((resolve) => {
        const passing = request({ host: "127.0.0.1", port, method, headers, path, agent: false }, (answer) => {
          let body = "";
          answer.setEncoding("utf8").on("data", (text: string) => {
            body += text;
          });
          answer.on("end", () => resolve({ status: answer.statusCode ?? 500, body }));
          answer.on("error", () => resolve(undefined));
        });
        passing.on("error", () => resolve(undefined)).end();
      }),
    reply: ({ status, body }) => {
      res.writeHead(status);
      res.end(body);
    },
    reset: () => void req.socket.resetAndDestroy(),
  };
}

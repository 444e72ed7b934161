/**
 * The fault ERP in a process of its own: prints `{"url", "control"}` when it is ready. At `control`, a POST tells what
 * goes wrong (`{script?, otherwise?}`), a GET what it has seen (`{executions, calls, lookUps}`).
 */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { listen } from "../../plumbing/listen.ts";
import { type Fault, openFaultErp } from "./fault-erp.ts";

const [options = "{}"] = process.argv.slice(2);
const erp = await openFaultErp(JSON.parse(options) as { honoursKeys?: boolean; port?: number });

const control = createServer((req, res) => {
  void (req.method === "POST" ? json(req).then(hear) : Promise.resolve()).then(() =>
    res.end(JSON.stringify({ executions: erp.executions, calls: erp.calls.length, lookUps: erp.lookups() })),
  );
});

function hear(told: unknown): void {
  const { script = [], otherwise } = told as { script?: Fault[]; otherwise?: Fault };
  erp.script.push(...script);
  if (otherwise !== undefined) erp.otherwise(otherwise);
}

const port = await listen(control, { host: "127.0.0.1", port: 0, setting: "port" });
process.stdout.write(`${JSON.stringify({ url: erp.url, control: `http://127.0.0.1:${String(port)}` })}\n`);

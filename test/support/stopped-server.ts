import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { startProcess } from "./process.ts";

const SERVER = `
  const server = require("node:net").createServer(() => {});
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));
`;
/** More than the system keeps for a backlog of one. */
const FILLING = 4;

/** A server that stands still with its queue full, so that the system answers no new connection. */
export async function openStoppedServer() {
  await using opening = new AsyncDisposableStack();
  const running = opening.use(startProcess(process.execPath, ["-e", SERVER], { cwd: import.meta.dirname }));
  const [, port = ""] = await running.shows(/^(\d+)\n/);
  running.send("SIGSTOP");
  for (let n = 0; n < FILLING; n++) {
    const socket = opening.adopt(connect(Number(port), "127.0.0.1"), (open) => void open.destroy());
    socket.on("error", () => undefined);
  }
  await delay(100);
  const owned = opening.move();
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

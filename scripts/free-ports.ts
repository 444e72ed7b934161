import { createServer, type Server } from "node:net";
import { StartError } from "../plumbing/start-error.ts";

/** Below the ports that the system gives out by itself, so a chosen one stays free while its service is restarted. */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** Ports that stand together; all belong to the process that listens on the first, so nobody else chooses them. */
const BLOCK = 32;
const BLOCKS = Math.floor((HIGHEST - LOWEST) / BLOCK);

/** More than anybody uses at a time: the blocks that were taken before them have long been left. */
const MAX_KEPT = 100;

const kept: Server[] = [];

/** Up to 31 neighbouring ports of the loopback that nobody listens on, and that no other process is given by this. */
export async function freePorts(count: number): Promise<number[]> {
  const begin = Math.floor(Math.random() * BLOCKS);
  for (let tried = 0; tried < BLOCKS; tried += 1) {
    const first = LOWEST + ((begin + tried) % BLOCKS) * BLOCK;
    const lock = await listenOn(first);
    if (!lock) continue;
    const ports = Array.from({ length: count }, (_, at) => first + 1 + at);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) {
      keep(lock);
      return ports;
    }
    lock.close();
  }
  throw new StartError(`No ports between ${String(LOWEST)} and ${String(HIGHEST)} are free: end other programs.`);
}

/** Whether a service could listen there. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (!server) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.close(() => resolve(true));
  return promise;
}

function keep(lock: Server): void {
  lock.unref().on("connection", (socket) => socket.destroy());
  kept.push(lock);
  if (kept.length > MAX_KEPT) kept.shift()?.close();
}

async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<Server | undefined>();
  server.once("error", () => resolve(undefined));
  server.listen(port, "127.0.0.1", () => resolve(server));
  return promise;
}

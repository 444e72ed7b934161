import { createServer } from "node:net";
import { StartError } from "../plumbing/start-error.ts";

/** Below the ports that the system gives out by itself, so a chosen one stays free while its service is restarted. */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** A block belongs to the process that listens on its first port, so two that choose at once choose differently. */
const BLOCK = 500;

type Block = { first: number; given: number };

let own: Promise<Block> | undefined;

/** Ports of the loopback that nobody listens on, and that no other process is given by this. */
export async function freePorts(count: number): Promise<number[]> {
  const block = await (own ??= claimBlock());
  const ports: number[] = [];
  for (let tried = 1; ports.length < count && tried < BLOCK; tried += 1) {
    const port = block.first + 1 + (block.given++ % (BLOCK - 1));
    if (await isFree(port)) ports.push(port);
  }
  if (ports.length < count) throw noneLeft();
  return ports;
}

/** Whether a service could listen there. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (!server) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.close(() => resolve(true));
  return promise;
}

async function claimBlock(): Promise<Block> {
  const blocks = (HIGHEST - LOWEST) / BLOCK;
  const begin = Math.floor(Math.random() * blocks);
  for (let tried = 0; tried < blocks; tried += 1) {
    const first = LOWEST + ((begin + tried) % blocks) * BLOCK;
    const lock = await listenOn(first);
    if (lock) {
      lock.unref().on("connection", (socket) => socket.destroy());
      return { first, given: 0 };
    }
  }
  throw noneLeft();
}

function noneLeft(): StartError {
  return new StartError(`No ports between ${String(LOWEST)} and ${String(HIGHEST)} are free: end other programs.`);
}

async function listenOn(port: number) {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<typeof server | undefined>();
  server.once("error", () => resolve(undefined));
  server.listen(port, "127.0.0.1", () => resolve(server));
  return promise;
}

import { createServer } from "node:net";

/** Below the ports that the system gives out by itself, so a chosen one stays free while its service is restarted. */
const LOWEST = 10_000;
const HIGHEST = 32_000;

const given = new Set<number>();

/** Ports of the loopback that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    // By then the first have long been left.
    if (given.size > (HIGHEST - LOWEST) / 2) given.clear();
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** Whether a service could listen there. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}

import type { AddressInfo, Server } from "node:net";
import { StartError } from "./start-error.ts";

/**
 * Listens and returns the port that it got.
 *
 * @throws {StartError} naming `setting` when the port is taken or forbidden
 */
export async function listen(server: Server, at: { host: string; port: number; setting: string }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", (cause: NodeJS.ErrnoException) => {
    const where = `Port ${String(at.port)} on ${at.host}`;
    const reason = cause.code === "EADDRINUSE" ? "is in use" : `cannot be used (${cause.code ?? cause.message})`;
    reject(new StartError(`${where} ${reason}: stop the other program or set ${at.setting}.`, { cause }));
  });
  server.listen(at.port, at.host, () => resolve((server.address() as AddressInfo).port));
  return promise;
}

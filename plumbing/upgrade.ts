import type { Duplex } from "node:stream";

/** Refuses a connection that asks for an upgrade. Nobody else ends it: a client that keeps its side open would stay. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

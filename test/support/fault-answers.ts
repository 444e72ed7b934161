import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { HttpAnswer, WireAnswer } from "./erp-faults.ts";

const DRIP_MS = 500;
const FLOOD = Buffer.alloc(64 * 1024, "x");

/** Puts an answer on the wire, whether HTTP allows it or not. */
export function give(answer: HttpAnswer | WireAnswer, res: ServerResponse): void {
  if ("ending" in answer) return giveBytes(answer, res);
  const { status, headers = {}, body = "" } = answer;
  // Not chained: where restify is loaded too, it has patched `writeHead` to return nothing.
  res.writeHead(status, headers);
  res.end(typeof body === "string" ? body : JSON.stringify(body));
}

function giveBytes({ bytes = "", ending }: WireAnswer, { socket }: ServerResponse): void {
  if (!socket) return;
  const afterwards = () => ENDINGS[ending](socket);
  if (bytes) socket.write(bytes, "latin1", afterwards);
  else afterwards();
}

const ENDINGS: Record<WireAnswer["ending"], (socket: Socket) => void> = {
  end: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  silence: () => undefined,
  drip(socket) {
    const drip = setInterval(() => socket.write(" "), DRIP_MS);
    socket.once("close", () => clearInterval(drip));
  },
  /** As fast as they are read, and without end. */
  flood(socket) {
    const pour = () => {
      while (!socket.destroyed && socket.write(FLOOD));
    };
    socket.on("drain", pour);
    pour();
  },
};

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { refuseUpgrade } from "../plumbing/upgrade.ts";
import { readWatermark } from "./activity-input.ts";
import { hasEnded } from "./conversation-store.ts";
import type { DirectLine } from "./direct-line.ts";
import { activitySet } from "./stream.ts";

const PATH = /^\/v3\/directline\/conversations\/([A-Za-z0-9_-]{1,64})\/stream\?(.*)$/;

/** Takes the WebSocket of a `streamUrl`; false for any other upgrade. */
export function directLineUpgrade({ store, tokens, streams, origins }: DirectLine) {
  async function open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const [, id = "", query = ""] = PATH.exec(request.url ?? "") ?? [];
    const parameters = new URLSearchParams(query);
    const isHolder = (await tokens.readTicket(parameters.get("t") ?? "")) === id;
    const conversation = isHolder && origins.admits(request) ? store.conversations.find(id) : undefined;
    if (!conversation) return refuseUpgrade(socket, "403 Forbidden");
    const from = readWatermark(parameters.get("watermark"));
    const replay = () => activitySet(store.activities.after(id, from), from);
    streams.open({ request, socket, head }, id, { replay, isLast: hasEnded(conversation) });
  }

  return (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    if (!PATH.test(request.url ?? "")) return false;
    open(request, socket, head).catch(() => socket.destroy());
    return true;
  };
}

import type { Socket } from "node:net";

/** Type and flags of the only packet that a client may begin with (MQTT 3.1.1 §3.1). */
const CONNECT = 0x10;

type Limits = { places: number; patienceMs: number };

/**
 * Connections that have not been let in yet. Whoever does not begin as MQTT does is cut before the broker has done
 * anything for it. When all places are taken the one gives way that came first: who means it is let in within
 * milliseconds. A bound for each address would help nobody, since a whole hotel comes from one.
 */
export function openEntrance({ places, patienceMs }: Limits, goOn: (socket: Socket) => void) {
  const waiting = new Set<Socket>();

  function enter(socket: Socket): void {
    const [oldest] = waiting;
    if (waiting.size >= places) oldest?.destroy();
    waiting.add(socket);
    socket.once("close", () => waiting.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.once("readable", () => look(socket));
  }

  function look(socket: Socket): void {
    const first = socket.read(1) as Buffer | null;
    if (first?.[0] !== CONNECT) return void socket.destroy();
    socket.unshift(first);
    socket.setTimeout(0);
    // Until then Node takes this for a socket that somebody listens to already, and does not tell the next one.
    process.nextTick(goOn, socket);
  }

  return { enter, letIn: (socket: Socket) => waiting.delete(socket) };
}

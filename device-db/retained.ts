import { Readable } from "node:stream";

type Retained = { topic: string; payload: string | Buffer };

/**
 * The last message of each topic that is to be kept, for aedes in the place of its own, which looks through all of them
 * for each subscription: with ten thousand pods that come back, that takes minutes.
 */
export function keepRetained() {
  const kept = new Map<string, Retained>();

  function* matching(filters: readonly string[]): Generator<Retained> {
    for (const filter of filters) {
      const exact = kept.get(filter);
      if (exact) yield exact;
      else if (/[+#]/.test(filter)) yield* kept.values().filter(({ topic }) => matches(filter, topic));
    }
  }

  return {
    async storeRetained(packet: Retained): Promise<void> {
      if (packet.payload.length === 0) kept.delete(packet.topic);
      else kept.set(packet.topic, { ...packet });
    },
    createRetainedStreamCombi: (filters: readonly string[]) => Readable.from(matching(filters)),
    createRetainedStream: (filter: string) => Readable.from(matching([filter])),
  };
}

/** MQTT 3.1.1 §4.7; a wildcard at the beginning does not match the topics that begin with `$`. */
function matches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  for (const [at, level] of wanted.entries()) {
    if (level === "#") return true;
    if (levels[at] === undefined || (level !== "+" && level !== levels[at])) return false;
  }
  return wanted.length === levels.length;
}

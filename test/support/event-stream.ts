type StreamedEvent = { id: string; event: string; data: unknown; at: number };

/** Server-sent events as they come, over a connection of its own; `text` is all that came, word for word. */
export async function openEventStream(url: string, headers: Record<string, string> = {}) {
  const ending = new AbortController();
  const response = await fetch(url, { headers, signal: ending.signal });
  const events: StreamedEvent[] = [];
  let text = "";
  let unread = "";

  function take(chunk: string): void {
    text += chunk;
    const blocks = (unread + chunk).split("\n\n");
    unread = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
      const { id = "", event = "", data } = fields as Record<string, string | undefined>;
      if (data !== undefined) events.push({ id, event, data: JSON.parse(data) as unknown, at: Date.now() });
    }
  }

  async function read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) take(decoder.decode(chunk as Uint8Array, { stream: true }));
  }

  const ended = read().catch(() => undefined);
  return {
    response,
    events,
    text: () => text,
    /** Resolves when the connection ends, whoever ends it. */
    ended,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await ended;
    },
  };
}

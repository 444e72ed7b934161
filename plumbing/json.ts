/** The value of a JSON text, or `undefined` when it is none. */
export function parseJson(text: Uint8Array | string): unknown {
  try {
    return JSON.parse(
      typeof text === "string" ? text : Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("utf8"),
    ) as unknown;
  } catch {
    return undefined;
  }
}

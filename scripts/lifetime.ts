const LAST_RESORT_MS = 10_000;
export const INTERRUPTED = 130;

/** Resolves with the exit code when the process is told to end; a second signal, or ten seconds, end it at once. */
export async function untilSignal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const onSignal = (code: number) => {
    resolve(code);
    for (const name of ["SIGINT", "SIGTERM"] as const)
      process.removeAllListeners(name).once(name, () => process.exit(code));
    setTimeout(() => process.exit(code), LAST_RESORT_MS).unref();
  };
  process.once("SIGINT", () => onSignal(INTERRUPTED));
  process.once("SIGTERM", () => onSignal(0));
  // Whoever started this with a channel has gone, however it ended.
  process.once("disconnect", () => onSignal(0));
  process.channel?.unref();
  return promise;
}

const lastDuties: (() => void)[] = [];

/** Ends the process at once when it is told to end, but first does what must not be left undone, also on behalf of others. */
export function endOnSignal(clean: () => void = () => undefined): void {
  if (lastDuties.push(clean) > 1) return;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // A second signal, as a terminal's may be, does not cut short what the first has begun.
    process.on(name, () => {
      for (const duty of lastDuties) duty();
      process.exit(INTERRUPTED);
    });
  }
}

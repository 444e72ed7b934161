import pino from "pino";

export type Log = pino.Logger;

/** Logs go to stderr, so that stdout holds data only: JSON lines, or one short line each on a terminal. */
export function createLog(level: "info" | "warn" | "silent"): Log {
  const stderr = pino.destination({ dest: 2, sync: true });
  const destination = process.stderr.isTTY ? { write: (line: string) => stderr.write(forPeople(line)) } : stderr;
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

function forPeople(line: string): string {
  const { level, time, msg, service, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const mark = Number(level) >= 50 ? "error" : Number(level) >= 40 ? "warn" : "info";
  const cause = err && typeof err === "object" && "message" in err ? [`(${String(err.message)})`] : [];
  const details = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${[String(time).slice(11, 23), mark, `${String(service)}:`, String(msg), ...cause, ...details].join(" ")}\n`;
}

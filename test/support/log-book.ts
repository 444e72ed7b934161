import pino from "pino";

type Line = { level: number; msg: string; [field: string]: unknown };

const ERROR_LEVEL = 50;

/** A log whose lines the test can read. */
export function openLogBook() {
  const lines: Line[] = [];
  const log = pino({ level: "info", base: null }, { write: (line) => void lines.push(JSON.parse(line) as Line) });
  return {
    log,
    lines,
    /** What a person should look at. */
    alerts: () => lines.filter(({ level }) => level >= ERROR_LEVEL).map(({ msg }) => msg),
  };
}

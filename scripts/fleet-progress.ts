import type { FleetFigures } from "../device-sim/fleet.ts";
import { progressLine } from "./fleet-report.ts";

const EVERY_MS = 1_000;
/** Where lines stay, one comes every so many seconds. */
const LINE_EVERY = 5;

/** Tells on stderr how a run goes: on a terminal in one line that changes, elsewhere in a line now and then. */
export function showProgress() {
  const { stderr } = process;
  let timer: NodeJS.Timeout | undefined;
  let peak = 0;
  let isOpen = false;

  function say(text: string): void {
    endLine();
    stderr.write(`${text}\n`);
  }

  function watch(figures: () => FleetFigures): void {
    let before = 0;
    let ticks = 0;
    timer = setInterval(() => {
      const now = figures();
      const perSecond = now.messages - before;
      before = now.messages;
      peak = Math.max(peak, perSecond);
      ticks += 1;
      const columns = stderr.isTTY ? stderr.columns : Number.POSITIVE_INFINITY;
      show(progressLine(now, { perSecond, elapsedS: (ticks * EVERY_MS) / 1_000, columns }), ticks);
    }, EVERY_MS);
  }

  function show(line: string, tick: number): void {
    if (!stderr.isTTY) {
      if (tick % LINE_EVERY === 0) stderr.write(`${line}\n`);
      return;
    }
    stderr.write(`\r\u001b[2K${line}`);
    isOpen = true;
  }

  function endLine(): void {
    if (isOpen) stderr.write("\r\u001b[2K");
    isOpen = false;
  }

  return {
    say,
    watch,
    /** The most messages that there were in a second. */
    peakPerSecond: () => peak,
    [Symbol.dispose](): void {
      clearInterval(timer);
      endLine();
    },
  };
}

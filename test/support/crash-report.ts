import type { crashEverywhere } from "./crash-run.ts";

type Outcome = Awaited<ReturnType<typeof crashEverywhere>>;

/** A line for each kill: until the process died, until all were back, and until everything was delivered. */
export function crashReport(title: string, { rows, sessions, looks, ms }: Outcome): string {
  const line = (name: string, cells: string[]) => name.padEnd(44) + cells.map((cell) => cell.padStart(9)).join("");
  const lines = rows.map(({ run, diedMs, backMs, doneMs }) =>
    line(
      run,
      [diedMs, backMs, doneMs].map((time) => time.toFixed(0)),
    ),
  );
  const seconds = (ms / 1_000).toFixed(1);
  const sum = `${String(rows.length)} kills, ${String(sessions)} sessions, ${String(looks)} looks at the books, ${seconds} s`;
  return `\n${[line(title, ["died ms", "back ms", "done ms"]), ...lines, sum].join("\n")}\n`;
}

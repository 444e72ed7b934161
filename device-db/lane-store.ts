import { isoTime } from "../plumbing/clock.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { PausedLane } from "./contract.ts";

/** Stands for the lanes of all devices. */
export const ALL_LANES = "*";

/** Lanes that stand still until somebody resumes them: nothing of theirs is sent, and the ERP is asked nothing. */
export function openLaneStore(db: Sqlite) {
  const pause = db.prepare(
    "INSERT INTO paused_lanes (serial, at, reason) VALUES (?, ?, ?) ON CONFLICT (serial) DO NOTHING",
  );
  const resume = db.prepare("DELETE FROM paused_lanes WHERE serial = ?");
  const resumeAll = db.prepare("DELETE FROM paused_lanes");
  const list = db.prepare("SELECT serial, at, reason FROM paused_lanes ORDER BY at, serial");

  /** Within the caller's write; the first reason stays. */
  function pauseInWrite(serial: string, reason: string, now: number): void {
    pause.run(serial, now, reason);
  }

  return {
    pauseInWrite,
    pause: (serial: string, reason: string, now: number) => db.write(() => pauseInWrite(serial, reason, now)),

    /** Resolves with how many pauses ended; `*` ends all of them. */
    resume: (serial: string): Promise<number> =>
      db.write(() => (serial === ALL_LANES ? resumeAll.run() : resume.run(serial)).changes),

    paused: (): PausedLane[] =>
      (list.all() as { serial: string; at: number; reason: string }[]).map((lane) => ({
        ...lane,
        at: isoTime(lane.at),
      })),
  };
}

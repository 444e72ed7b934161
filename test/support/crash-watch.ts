import { setTimeout as delay } from "node:timers/promises";
import { momentProblems } from "./flow-oracle.ts";
import { readDelivered, readEventIds, readUsages } from "./ledgers.ts";

const LOOK_AGAIN_MS = 200;

/** Looks at the books all the time: what is wrong at any moment, and when each delivery was done. */
export function watchBooks(dataDir: string) {
  const problems = new Set<string>();
  const doneAt = new Map<string, number>();
  let looks = 0;
  let isOver = false;

  function look(): void {
    // In this order: what is delivered was in the ERP before, and what is in the ERP was an event before.
    const delivered = readDelivered(dataDir);
    const usages = readUsages(dataDir);
    const events = readEventIds(dataDir);
    for (const problem of momentProblems({ delivered: delivered.map(({ id }) => id), usages, events }))
      problems.add(problem);
    for (const { sessionId } of delivered) doneAt.getOrInsert(sessionId, performance.now());
    looks += 1;
  }

  async function watch(): Promise<void> {
    while (!isOver) {
      try {
        look();
      } catch (error) {
        // Whose owner was killed a moment ago cannot be read before its next start.
        if ((error as { code?: string }).code?.startsWith("SQLITE_") !== true) throw error;
      }
      await delay(LOOK_AGAIN_MS);
    }
  }
  const watching = watch();

  return {
    problems,
    doneAt,
    looks: () => looks,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await watching;
    },
  };
}

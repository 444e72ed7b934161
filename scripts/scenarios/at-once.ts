import type { BrowserContext } from "playwright-core";

/** Keeps the answers of a guest's tabs until there are so many: then all leave at the same moment, and more at once. */
export async function holdAnswers(context: BrowserContext, count: number) {
  const all = Promise.withResolvers<void>();
  let given = 0;
  await context.route("**/activities", async (answer) => {
    given += 1;
    if (given >= count) all.resolve();
    await all.promise;
    await answer.continue();
  });
  return {
    // The route stays: Chromium may lose a request that comes while one is taken away.
    [Symbol.dispose]: () => all.resolve(),
  };
}

import { connect } from "node:net";
import { expect, test } from "vitest";
import { freePorts, isFree } from "../../scripts/free-ports.ts";
import { startProcess } from "../support/process.ts";

const MODULE = new URL("../../scripts/free-ports.ts", import.meta.url).href;

test("processes that choose at once get ports that nobody else gets", async () => {
  await using running = new AsyncDisposableStack();
  const program = `
    const { freePorts } = await import(${JSON.stringify(MODULE)});
    const chosen = [];
    for (let kit = 0; kit < 25; kit += 1) chosen.push(...(await freePorts(5)));
    console.log(JSON.stringify(chosen));
    setInterval(() => undefined, 1000);`;
  const chosen = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const choosing = startProcess(process.execPath, ["--input-type=module", "-e", program], { cwd: "." });
      const [line] = await running.use(choosing).shows(/^.*\n/);
      return JSON.parse(line) as number[];
    }),
  );
  expect(new Set(chosen.flat()).size).toBe(8 * 25 * 5);
});

test("what is given stands together, and its neighbours are given to nobody else", async () => {
  const [first = 0, ...more] = await freePorts(5);
  expect(more).toEqual([1, 2, 3, 4].map((further) => first + further));
  expect(await freePorts(31)).not.toContain(first + 30);
});

test("who connects to the port that keeps the others away is sent off", async () => {
  const [port = 0] = await freePorts(1);
  const socket = connect(port - 1, "127.0.0.1");
  await new Promise((resolve, reject) => socket.once("close", resolve).once("error", reject));
});

test("a process that chooses again and again gives back what it was given long ago", async () => {
  const [port = 0] = await freePorts(1);
  expect(await isFree(port - 1)).toBe(false);
  for (let kit = 0; kit < 100; kit += 1) await freePorts(1);
  expect(await isFree(port - 1)).toBe(true);
});

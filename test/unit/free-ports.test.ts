import { connect } from "node:net";
import { expect, test } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { startProcess } from "../support/process.ts";

const MODULE = new URL("../../scripts/free-ports.ts", import.meta.url).href;

/** Without what keeps them apart, so many would all but surely meet. */
const PROCESSES = 20;

test("processes that choose at once get ports that nobody else gets", async () => {
  await using running = new AsyncDisposableStack();
  const program = `
    const { freePorts } = await import(${JSON.stringify(MODULE)});
    console.log(JSON.stringify(await freePorts(400)));
    setInterval(() => undefined, 1000);`;
  const chosen = await Promise.all(
    Array.from({ length: PROCESSES }, async () => {
      const choosing = startProcess(process.execPath, ["--input-type=module", "-e", program], { cwd: "." });
      const [line] = await running.use(choosing).shows(/^.*\n/);
      return JSON.parse(line) as number[];
    }),
  );
  expect(new Set(chosen.flat()).size).toBe(PROCESSES * 400);
});

test("a port comes again only after all others", async () => {
  const first = await freePorts(400);
  const second = await freePorts(400);
  expect(second.find((port) => first.includes(port))).toBe(first[0]);
  expect(new Set([...first, ...second]).size).toBeGreaterThan(400);
  await expect(freePorts(500)).rejects.toThrow("No ports between 10000 and 32000 are free: end other programs.");
});

test("who connects to the port that keeps the others away is sent off", async () => {
  const [port = 0] = await freePorts(1);
  const socket = connect(port - (port % 500), "127.0.0.1");
  await new Promise((resolve, reject) => socket.once("close", resolve).once("error", reject));
});

import { setImmediate as settle } from "node:timers/promises";
import type { Message } from "../../device-sim/behaviours/behaviour.ts";
import { openFaultLine } from "../../device-sim/faults.ts";
import { manualClock } from "./clock.ts";

const STEP_MS = 50;

/** Between a pod that counts its messages and a network that does the same: what comes out, when, and what else is done. */
export function openBench(words: readonly string[], { seed = 1, serial = "P1" } = {}) {
  const clock = manualClock();
  const startedAt = clock.now();
  const trace: string[] = [];
  const said: Message[] = [];
  const tell = (what: string) => trace.push(`${String(clock.now() - startedAt)} ${what}`);
  const line = openFaultLine({
    serial,
    clock,
    say: (message) => {
      said.push(message);
      tell(`said ${textOf(message)}`);
    },
    hear: (message) => tell(`heard ${textOf(message)}`),
    tools: {
      cut: () => tell("cut"),
      hold: (isHeld) => tell(isHeld ? "held" : "let go"),
      reboot: () => tell("rebooted"),
      fill: (scent, ml) => tell(`${scent} has ${String(ml)}`),
      skew: (ms) => tell(`skewed by ${String(ms)}`),
    },
  });
  line.put({ words, seed });

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      clock.advance(Math.min(STEP_MS, ms - passed));
      await settle();
    }
  }

  const bench = {
    line,
    trace,
    /** As it goes to the network. */
    said,
    say: (what: unknown) => line.say({ name: "up/event", payload: what, retain: false }),
    hear: (what: unknown) => line.hear({ name: "down/command", payload: what, retain: false }),
    pass,
    /** A message each way, again and again. */
    talk: async (times: number): Promise<void> => {
      for (let n = 1; n <= times; n++) {
        bench.say(n);
        bench.hear(n);
        await pass(100);
      }
    },
  };
  return bench;
}

function textOf({ payload }: Message): string {
  return payload instanceof Uint8Array ? `bytes ${Buffer.from(payload).toString("hex")}` : JSON.stringify(payload);
}

/** What is told of a bench on which messages went both ways. */
export async function traceOf(
  words: readonly string[],
  options: Parameters<typeof openBench>[1] = {},
): Promise<string[]> {
  const bench = openBench(words, options);
  await bench.talk(20);
  await bench.pass(3_000);
  bench.line.put({ words: [], seed: 1 });
  return bench.trace;
}

/** How many lines of a trace are of this kind. */
export const count = (trace: readonly string[], what: RegExp) => trace.filter((line) => what.test(line)).length;

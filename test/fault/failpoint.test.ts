import { expect, test } from "vitest";
import { SERIAL } from "../support/devices.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { openHome } from "../support/home.ts";

const CALL = { serial: SERIAL, submit: "", status: "checkin", scent: "wood" };

/** An ERP that is to be killed after it has carried out a call. */
async function callArmedErp(nodeEnv: string) {
  await using home = await openHome();
  const running = home.start(["serve", "erp", "--json"], { NODE_ENV: nodeEnv, AROMAPOD_FAILPOINT: "erp.committed@1" });
  const [line] = await running.shows(/^.*\n/);
  const { url } = JSON.parse(line) as { url: string };
  const answer = await callSwitch({ url, apiKey: "" }, CALL).then(
    ({ status }) => status,
    () => "none",
  );
  const { signal } = await running.stop("SIGTERM");
  return { answer, signal, stderr: running.output.stderr };
}

test("a named place ends a process of the tests by SIGKILL", async () => {
  expect(await callArmedErp("test")).toEqual({
    answer: "none",
    signal: "SIGKILL",
    stderr: "armed at erp.committed@1\nkilled at erp.committed@1\n",
  });
});

test.for(["production", ""])("with NODE_ENV=%s no place ends anything", async (nodeEnv) => {
  expect(await callArmedErp(nodeEnv)).toEqual({ answer: 200, signal: null, stderr: "" });
});

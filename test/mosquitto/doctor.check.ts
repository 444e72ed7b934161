import { expect, test } from "vitest";
import { openHome } from "../support/home.ts";

type Told = { name: string; state: string; detail: string };

test("the doctor finds Mosquitto in order, tries its rules when the kit is away, and ends no connection", async () => {
  await using home = await openHome();
  const found = async () => {
    const { code, stdout } = await home.run(["doctor", "--json"]);
    const { checks } = JSON.parse(stdout) as { checks: Told[] };
    return { code, ...Object.fromEntries(checks.map(({ name, state }) => [name, state])) };
  };
  const kit = await home.startKit();
  expect(await found()).toMatchObject({
    code: 0,
    broker: "ok",
    strangers: "ok",
    "topic rules": "not checked",
  });
  await kit.stop("SIGTERM");
  expect(kit.output.stderr).toBe("");
  expect(await found()).toMatchObject({ code: 0, broker: "ok", strangers: "ok", "topic rules": "ok" });
});

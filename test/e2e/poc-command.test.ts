import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PocLine as Proof } from "../../scripts/poc-output.ts";
import { type Home, openHome } from "../support/home.ts";

const REQUEST = "GET /device/switch?serial=HKAP0100000001&submit=&status=checkin&scent=";
const ESCAPE = "\u001b";

const proofs = (stdout: string): Proof[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Proof);

/** A folder for temporary files, so that what is left behind shows. */
async function openTemporary(home: Home) {
  const folder = join(home.path, "tmp");
  await mkdir(folder);
  return { env: { TMPDIR: folder }, left: () => readdir(folder) };
}

describe("aromapod poc on its own", () => {
  test("says in one line of JSON that wood became exactly one usage, and leaves nothing behind", async () => {
    await using home = await openHome();
    const temporary = await openTemporary(home);
    const { code, stdout, stderr } = await home.run(["poc", "--json"], temporary.env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.endsWith("}\n")).toBe(true);
    const [proof, ...others] = proofs(stdout);
    expect(others).toEqual([]);
    expect(proof).toMatchObject({ ok: true, answer: "b", scent: "wood", erpRequest: `${REQUEST}wood` });
    expect(proof?.sessionId).toMatch(/^[\w-]{1,64}$/);
    expect(proof?.usage).toMatchObject({ scent: "wood", status: "checkin", request: `${REQUEST}wood` });
    const step = { name: expect.any(String) as string, ok: true, ms: expect.any(Number) as number };
    expect(proof?.steps.length).toBeGreaterThan(5);
    expect(proof?.steps).toEqual(proof?.steps.map(() => expect.objectContaining(step) as unknown));
    expect([await temporary.left(), await readdir(home.path)]).toEqual([[], ["tmp"]]);
  });

  test("shows people each hop with its time, the request and the count, without escape codes in a pipe", async () => {
    await using home = await openHome();
    const { code, stdout } = await home.run(["poc"]);
    expect(code).toBe(0);
    expect(stdout.match(/^✔ +\d+\.\d ms {2}\S.*$/gm)?.length).toBeGreaterThan(5);
    expect(stdout).toContain(`\n  ${REQUEST}wood\n`);
    expect(stdout).toContain("The ERP holds 1 usage ");
    expect(stdout).not.toContain(ESCAPE);
  });

  test("delivers fire to a guest who picks fire", async () => {
    await using home = await openHome();
    const { code, stdout } = await home.run(["poc", "--json", "--answer", "fire"]);
    expect([code, proofs(stdout)]).toMatchObject([
      0,
      [{ ok: true, answer: "fire", scent: "fire", erpRequest: `${REQUEST}fire` }],
    ]);
  });

  test("fails with a clear sentence and exit code 1 when the bot does not take the answer", async () => {
    await using home = await openHome();
    const temporary = await openTemporary(home);
    const { code, stdout, stderr } = await home.run(["poc", "--json", "--answer", "banana"], temporary.env);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const [proof, ...others] = proofs(stdout);
    const error = 'The bot did not take "banana" as an answer and asked again.';
    expect([proof, others]).toEqual([expect.objectContaining({ ok: false, answer: "banana", error }), []]);
    expect(proof).not.toHaveProperty("usage");
    expect(await temporary.left()).toEqual([]);

    const forPeople = await home.run(["poc", "--answer", "banana"]);
    expect(forPeople.code).toBe(1);
    expect(forPeople.stdout).toContain(error);
    expect(forPeople.stdout).toContain("The ERP holds 0 usages");
  });

  test("repeats the proof, one line and one usage for each", async () => {
    await using home = await openHome();
    const { code, stdout, stderr } = await home.run(["poc", "--json", "--repeat", "5"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const all = proofs(stdout);
    expect(all.map(({ ok, erpRequest }) => [ok, erpRequest])).toEqual(Array(5).fill([true, `${REQUEST}wood`]));
    expect(new Set(all.map(({ sessionId }) => sessionId)).size).toBe(5);
    expect(new Set(all.map(({ usage }) => usage?.id)).size).toBe(5);
  });

  test("ends with 130 when it is interrupted, and takes its folder along", async () => {
    await using home = await openHome();
    const temporary = await openTemporary(home);
    const running = home.start(["poc", "--json", "--repeat", "100000"], temporary.env);
    await running.shows(/\n/);
    expect(await temporary.left()).toHaveLength(1);
    expect(await running.stop("SIGINT")).toEqual({ code: 130, signal: null });
    expect(await temporary.left()).toEqual([]);
  });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { PocLine as Proof } from "../../scripts/poc-output.ts";
import { SERIAL } from "../support/devices.ts";
import { listUsages } from "../support/erp-calls.ts";
import { type Home, openHome } from "../support/home.ts";
import { AT_MOSQUITTO } from "../support/kit-broker.ts";

const REQUEST = `GET /device/switch?serial=${SERIAL}&submit=&status=checkin&scent=`;
const NOT_RUNNING = /^Nothing answers at http:\/\/127\.0\.0\.1:\d+: start the kit first, with "npm start"\.\n$/;

describe("beside a running kit", () => {
  let home: Home;
  let kit: Awaited<ReturnType<Home["startKit"]>>["ready"];
  beforeAll(async () => {
    home = await openHome();
    kit = (await home.startKit()).ready;
    return () => home[Symbol.asyncDispose]();
  });

  describe("aromapod poc --against", () => {
    const against = async (...args: string[]) => {
      const { code, stdout, stderr } = await home.run(["poc", "--json", "--against", kit.launchUrl, ...args]);
      return { code, stderr, proof: JSON.parse(stdout) as Proof };
    };
    const withErp = async () => {
      await writeFile(join(home.path, "key"), `${(await home.secrets()).erpApiKey}\n`);
      return ["--erp", kit.erp, "--erp-key-file", "key"];
    };
    const countUsages = async () => {
      const { erpApiKey } = await home.secrets();
      return (await listUsages({ url: kit.erp, apiKey: erpApiKey })).length;
    };
    /** What is said about the two parts that may be absent. */
    const checks = ({ steps }: Proof) =>
      steps.flatMap(({ name, ok }) => ([DELIVERS, HOLDS].includes(name) ? [[name, ok]] : []));
    const DELIVERS = "deliveries are: delivered";
    const HOLDS = "the ERP holds 1 usage";

    test("checks what it is told of and says of the rest that it was not checked", async () => {
      const chatOnly = await against();
      expect(chatOnly).toMatchObject({ code: 0, stderr: "", proof: { ok: true, scent: "wood" } });
      expect(checks(chatOnly.proof)).toEqual([
        [DELIVERS, "not checked"],
        [HOLDS, "not checked"],
      ]);
      expect(chatOnly.proof).not.toHaveProperty("erpRequest");

      const delivered = await against("--device-db", kit.deviceDb);
      expect([delivered.code, delivered.proof.ok, ...checks(delivered.proof)]).toEqual([
        0,
        true,
        [DELIVERS, true],
        [HOLDS, "not checked"],
      ]);

      const all = await against("--device-db", kit.deviceDb, ...(await withErp()), "--answer", "air");
      expect(all).toMatchObject({ code: 0, proof: { ok: true, scent: "air", erpRequest: `${REQUEST}air` } });
      expect(checks(all.proof)).toEqual([
        [DELIVERS, true],
        [HOLDS, true],
      ]);

      const erpOnly = await against(...(await withErp()), "--answer", "c");
      expect(erpOnly).toMatchObject({ code: 0, proof: { ok: true, erpRequest: `${REQUEST}water` } });
      expect(checks(erpOnly.proof)).toEqual([
        [DELIVERS, "not checked"],
        [HOLDS, true],
      ]);
      expect(await countUsages()).toBe(4);
    });

    test("a banana leaves nothing in the ERP", async () => {
      const before = await countUsages();
      const banana = await against("--device-db", kit.deviceDb, ...(await withErp()), "--answer", "banana");
      expect(banana).toMatchObject({
        code: 1,
        proof: { ok: false, error: expect.stringContaining("banana") as string },
      });
      expect(await against("--device-db", kit.deviceDb)).toMatchObject({ code: 0 });
      expect(await countUsages()).toBe(before + 1);
    });

    test("a part that cannot be asked fails the proof in one sentence", async () => {
      const cases = [
        { args: ["--device-db", "http://127.0.0.1:9"], error: "Nothing answers at http://127.0.0.1:9." },
        { args: ["--against", "http://127.0.0.1:9/r/x"], error: "Nothing answers at http://127.0.0.1:9." },
        { args: ["--against", `${kit.launchUrl}x`], error: expect.stringMatching(/^The launch link answered 404; /) },
      ];
      for (const { args, error } of cases)
        expect(await against(...args)).toMatchObject({ code: 1, proof: { ok: false, error } });
      await writeFile(join(home.path, "wrong-key"), "wrong\n");
      const refused = await against("--erp", kit.erp, "--erp-key-file", "wrong-key");
      expect(refused).toMatchObject({ code: 1, proof: { ok: false, error: expect.stringContaining("401") as string } });
    });

    test("a command line that makes no sense is wrong usage, a key file that cannot be read is not", async () => {
      for (const args of [
        ["nonsense"],
        ["ftp://127.0.0.1/r/x"],
        [kit.launchUrl, "--erp", kit.erp],
        [kit.launchUrl, "--device-db", "x"],
      ])
        expect(await home.run(["poc", "--against", ...args])).toMatchObject({ code: 2, stdout: "" });
      const unread = await home.run(["poc", "--against", kit.launchUrl, "--erp", kit.erp, "--erp-key-file", "none"]);
      expect(unread).toMatchObject({ code: 3, stdout: "" });
      expect(unread.stderr).toMatch(/^Cannot read the key file "none": [^\n]*\.\n$/);
    });
  });
});

describe("without a running kit", () => {
  const COMMANDS = [
    ["qr"],
    ["qr", "--all"],
    ["transcript", "x"],
    ["devices", "ls"],
    ["devices", "add", "A-1", "--room", "R"],
    ["devices", "rotate", "A-1"],
  ];

  // With a broker of others the folder has its secrets from the beginning.
  test.skipIf(AT_MOSQUITTO)(
    "the commands that need one say so with exit code 3, before the first start and after the end",
    async () => {
      await using home = await openHome();
      for (const args of COMMANDS) {
        const { code, stdout, stderr } = await home.run(args);
        expect([code, stdout]).toEqual([3, ""]);
        expect(stderr).toMatch(/^[^\n]*"npm start" first\.\n$/);
      }
      await (await home.startKit()).stop("SIGTERM");
      for (const args of COMMANDS) {
        const { code, stdout, stderr } = await home.run(args);
        expect([code, stdout]).toEqual([3, ""]);
        expect(stderr).toMatch(NOT_RUNNING);
      }
    },
  );
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Delivery, DeliveryDetail, PausedLane } from "../../device-db/contract.ts";
import type { Reconciliation } from "../../device-db/delivery-contract.ts";
import { createChatGuest } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { type Home, openHome } from "../support/home.ts";

describe("aromapod deliveries, beside a running kit with a real ERP", () => {
  let home: Home;
  let erp: Awaited<ReturnType<typeof openFaultErp>>;
  let launchUrl: string;
  let deviceDb: string;

  beforeAll(async () => {
    const opening = new AsyncDisposableStack();
    home = opening.use(await openHome());
    erp = opening.use(await openFaultErp());
    const running = home.start(["start", "--json"], { ERP_URL: erp.url });
    const [line] = await running.shows(/^.*\n/);
    ({ launchUrl, deviceDb } = JSON.parse(line) as { launchUrl: string; deviceDb: string });
    return () => opening.disposeAsync();
  });

  const deliveries = (...args: string[]) => home.run(["deliveries", ...args]);
  const ask = async <Answer>(...args: string[]) => {
    const { code, stdout, stderr } = await deliveries(...args, "--json");
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout) as Answer;
  };
  const read = async <Row>(path: string) => ((await (await fetch(deviceDb + path)).json()) as { data: Row[] }).data;
  const list = () => read<Delivery>("/api/deliveries");

  /** A guest answers; resolves when the delivery is in this state. */
  async function answer(state: Delivery["state"]): Promise<Delivery> {
    const guest = await createChatGuest(launchUrl);
    await guest.start();
    await guest.say("wood", "1");
    return eventually(async () => {
      const delivery = (await list()).find(({ sessionId }) => sessionId === guest.id);
      expect(delivery?.state).toBe(state);
      return delivery as Delivery;
    }, 15_000);
  }

  test("a refused delivery is listed, shown, sent again on somebody's word, and exported with all its changes", async () => {
    erp.script.push("rejected");
    const { id } = await answer("dead");
    const listed = await deliveries("ls", "--state", "dead");
    expect(listed.stdout).toMatch(/^ID +STATE +DEVICE +STATUS +SCENT +TRIES +DUE +EVIDENCE\n/);
    expect(listed.stdout).toContain(`${id}  dead   ${SERIAL}`);

    const dry = await deliveries("resend", id, "--reason", "the scent is known now", "--dry-run");
    const path = `/device/switch?serial=${SERIAL}&submit=&status=checkin&scent=wood`;
    expect(dry).toMatchObject({ code: 0, stdout: `${id} would be sent: GET ${erp.url}${path}\n`, stderr: "" });
    expect(erp.executions).toHaveLength(0);

    const resent = await deliveries("resend", id, "--reason", "the scent is known now");
    expect(resent).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${id} is (pending|inflight|delivered)\\.\n$`),
    });
    await eventually(() => expect(erp.executions).toMatchObject([{ ref: id }]));
    const again = await deliveries("resend", id, "--reason", "once more");
    expect(again).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "A delivery that is delivered cannot be sent again.\n",
    });

    const shown = await deliveries("show", id);
    expect(shown.stdout).toMatch(/^Delivery +\S+\nState +delivered\n/);
    expect(shown.stdout).toMatch(/dead → pending +operator, resend: the scent is known now\n/);
    expect((await deliveries("export", "--out", "all.ndjson")).stderr).toBe("1 deliveries are in all.ndjson.\n");
    const lines = (await readFile(join(home.path, "all.ndjson"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as DeliveryDetail)).toEqual([await ask<DeliveryDetail>("show", id)]);
    expect(await deliveries("export", "--out", "nowhere/all.ndjson")).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(/^Cannot write "nowhere\/all\.ndjson": .*\.\n$/),
    });
  });

  test("a lane that the ERP does not let in goes on when it is resumed, and one that is paused waits", async () => {
    erp.script.push("unauthorized");
    const { id } = await answer("pending");
    await eventually(async () => expect(await read<PausedLane>("/api/lanes")).toMatchObject([{ serial: SERIAL }]));
    expect((await deliveries("ls")).stdout).toMatch(`\nThe deliveries of ${SERIAL} are paused since `);
    expect((await deliveries("resume", SERIAL)).stdout).toBe("Resumed: 1.\n");
    await eventually(async () => expect((await list())[0]).toMatchObject({ id, state: "delivered" }));

    expect((await deliveries("pause", "--reason", "the ERP moves")).stdout).toMatch(
      /^\nAll deliveries are paused since /,
    );
    const waiting = await answer("pending");
    expect((await deliveries("discard", waiting.id, "--reason", "a test")).stdout).toBe(
      `${waiting.id} is discarded.\n`,
    );
    expect((await deliveries("resume")).code).toBe(0);
  });

  test("reconcile says whether both sides hold the same, and fails when they do not", async () => {
    const same = await deliveries("reconcile");
    expect(same).toMatchObject({ code: 0, stderr: "" });
    expect(same.stdout).toMatch(/\nBoth sides hold the same\.\n$/);
    const lost = erp.executions.shift();
    const { code, stdout } = await deliveries("reconcile", "--dry-run", "--json");
    expect([code, (JSON.parse(stdout) as Reconciliation).devices[0]?.missing]).toEqual([1, [lost?.ref]]);
    expect((await deliveries("reconcile")).stdout).toContain(`missing in the ERP: delivery ${lost?.ref ?? ""}\n`);
  });

  test.for<[args: string[], code: number, stderr: RegExp]>([
    [["resend", "x"], 2, /required option '--reason <text>' not specified/],
    [["resend", "--reason", "r"], 2, /missing required argument 'id'/],
    [["discard", "x", "--reason", "r", "--dry-run"], 2, /unknown option '--dry-run'/],
    [["ls", "--state", "lost"], 2, /Allowed choices are pending, inflight/],
    [["show", "nothing"], 1, /^There is no delivery "nothing"\.\n$/],
    [["pause", "nobody", "--reason", "r"], 1, /^No device "nobody" is registered\.\n$/],
  ])("%j is refused in a sentence", async ([args, code, stderr]) => {
    const said = await deliveries(...args);
    expect([said.code, said.stdout]).toEqual([code, ""]);
    expect(said.stderr).toMatch(stderr);
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { beginChat, call } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { deliveredSession, type Kit, sessionAtBot, sessionAtDeviceDb } from "../support/kit.ts";
import { KITS } from "../support/kits.ts";
import { STEPS_OF_A_SESSION } from "../support/told-sessions.ts";

describe.each(KITS)("a session in $name", ({ open }) => {
  let kit: Kit;

  beforeAll(async () => {
    kit = await open();
    return () => kit[Symbol.asyncDispose]();
  });

  async function takeSession(text: string) {
    const guest = await beginChat(kit.launchUrl);
    expect(await guest.say(text)).toMatchObject({ status: 200 });
    return { guest, view: await deliveredSession(kit, guest.id) };
  }

  test("the guest's cookie tells how the session stands; without it there is none", async () => {
    const guest = await beginChat(kit.launchUrl);
    const session = async (headers: Record<string, string>) =>
      (await call(`${kit.launchUrl}/session`, { headers })).body;
    const cookie = { cookie: guest.cookie };
    expect(await session({})).toMatchObject({ state: "none", scent: null, command: null, pod: "online" });
    expect(await session({ cookie: `${guest.cookie}x` })).toMatchObject({ state: "none" });
    expect(await session(cookie)).toMatchObject({ state: "asked", scent: null, command: null });
    await guest.say("a");
    await deliveredSession(kit, guest.id);
    await eventually(async () =>
      expect(await session(cookie)).toMatchObject({ state: "ended", scent: "fire", command: { state: "accepted" } }),
    );
  });

  test("the device database shows each hop of a session in its order", async () => {
    const { guest } = await takeSession("2");
    const view = await eventually(async () => {
      const shown = await sessionAtDeviceDb(kit, guest.id);
      expect(shown.command?.state).toBe("confirmed");
      expect(shown.hops.map(({ name }) => name)).toContain("delivered");
      return shown;
    });
    expect(view).toMatchObject({ id: guest.id, serial: SERIAL, state: "ended", answer: "2", scent: "wood" });
    expect(view.event).toMatchObject({ id: view.delivery?.id, status: "checkin", scent: "wood" });
    const hops = view.hops.map(({ part, name }) => `${part}: ${name}`);
    // The pod's word to the bot and its event to the device database travel side by side.
    const sideways = ["bot: command confirmed", "pod: accepted"];
    expect(hops.filter((hop) => !sideways.includes(hop))).toEqual(STEPS_OF_A_SESSION);
    const [confirmed, accepted, handedOn] = [...sideways, "broker: command handed on"].map((hop) => hops.indexOf(hop));
    expect(accepted).toBeGreaterThan(handedOn ?? 0);
    // Bot and device database hear the same reply, and either may be first.
    expect(confirmed).toBeGreaterThan(handedOn ?? 0);
    expect(view.hops.map(({ at }) => at)).toEqual(view.hops.map(({ at }) => at).sort());
    expect(view.hops.every(({ ok }) => ok)).toBe(true);
  });

  test("the bot tells the truth about a session to operators only", async () => {
    const { guest, view } = await takeSession("3");
    const command = { id: view.command?.id, state: "accepted", reason: null };
    await eventually(async () =>
      expect(await sessionAtBot(kit, guest.id)).toMatchObject({
        id: guest.id,
        serial: SERIAL,
        channel: "directline",
        state: "ended",
        answer: "3",
        scent: "water",
        command,
      }),
    );
    const url = `${kit.urls.bot}/api/sessions/${guest.id}`;
    for (const init of [{}, { headers: { authorization: `Bearer ${guest.token}` } }])
      expect(await call(url, init)).toMatchObject({ status: 401, body: { title: "Not signed in", status: 401 } });
  });
});

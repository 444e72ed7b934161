import { beforeAll, expect, test } from "vitest";
import type { LaunchView } from "../../bot/contract.ts";
import type { DeviceView } from "../../device-db/contract.ts";
import { beginChat, call } from "../support/chat-guest.ts";
import { NEW_DEVICE } from "../support/device-db-system.ts";
import { eventually } from "../support/eventually.ts";
import { askOperator, openKit, sessionAtBot, sessionAtDeviceDb } from "../support/kit.ts";
import { openRealPod } from "../support/real-pod.ts";

const { serial } = NEW_DEVICE;

let kit: Awaited<ReturnType<typeof openKit>>;
let launchUrl: string;
let password: string;

beforeAll(async () => {
  kit = await openKit("safe");
  const headers = { authorization: `Bearer ${kit.secrets.operatorKey}` };
  const body = JSON.stringify(NEW_DEVICE);
  const added = await fetch(`${kit.urls.deviceDb}/api/devices`, { method: "POST", body, headers });
  ({ password } = (await added.json()) as { password: string });
  launchUrl = await eventually(async () => {
    const launch = await askOperator(`${kit.urls.bot}/api/launch/${serial}`, kit.secrets);
    expect(launch.status).toBe(200);
    return ((await launch.json()) as LaunchView).url;
  });
  return () => kit[Symbol.asyncDispose]();
});

async function answer(text: string) {
  const guest = await beginChat(launchUrl);
  expect(await guest.say(text)).toMatchObject({ status: 200 });
  return guest;
}

const device = async () => (await (await fetch(`${kit.urls.deviceDb}/api/devices/${serial}`)).json()) as DeviceView;
/** What the guest's page is told. */
const told = async ({ cookie }: { cookie: string }) =>
  (await call(`${launchUrl}/session`, { headers: { cookie } })).body;

test("that a pod is away is told to the guest and shown to operators, and it gets its command when it is there", async () => {
  const guest = await answer("b");
  expect(await told(guest)).toMatchObject({ command: { state: "pending" }, pod: "unknown" });
  await eventually(async () =>
    expect(await sessionAtDeviceDb(kit, guest.id)).toMatchObject({ command: { state: "pending" }, event: null }),
  );
  expect(await device()).toMatchObject({
    status: "unknown",
    lastSeen: null,
    desired: { diffusing: "wood", command: { source: "guest", state: "pending" } },
  });
  await using pod = await openRealPod(kit.urls.mqtt, serial, password);
  await pod.online();
  await eventually(async () => expect(await told(guest)).toMatchObject({ pod: "online" }));
  await eventually(() => expect(pod.commands).toMatchObject([{ sessionId: guest.id, scent: "wood" }]));
  await pod.reply(pod.commands[0]?.id ?? "", "accepted");
  await eventually(async () => expect(await told(guest)).toMatchObject({ command: { state: "accepted" } }));
  await eventually(async () =>
    expect(await sessionAtDeviceDb(kit, guest.id)).toMatchObject({ command: { state: "confirmed" } }),
  );
  await pod.say("up/status", { state: "offline", firmware: "2.4.1", at: new Date().toISOString() });
  await eventually(async () => expect(await told(guest)).toMatchObject({ pod: "offline" }));
});

test.for<["rejected" | "expired", reason: string]>([
  ["rejected", "no capsule"],
  ["expired", "it came too late"],
])(
  "that a command is %s is told to the guest, the bot's operators and the flow, with the reason",
  async ([end, reason]) => {
    await using pod = await openRealPod(kit.urls.mqtt, serial, password);
    const guest = await answer("c");
    await eventually(() => expect(pod.commands).toMatchObject([{ sessionId: guest.id }]));
    const id = pod.commands[0]?.id ?? "";
    await pod.reply(id, end, reason);
    await eventually(async () => expect(await told(guest)).toMatchObject({ command: { state: end, reason } }));
    expect(await sessionAtBot(kit, guest.id)).toMatchObject({ command: { id, state: end, reason } });
    await eventually(async () => {
      const view = await sessionAtDeviceDb(kit, guest.id);
      expect(view).toMatchObject({ state: "ended", command: { id, state: end }, event: null, delivery: null });
      expect(view.hops.filter(({ ok }) => !ok)).toMatchObject([
        { part: "pod", name: end, detail: reason },
        { part: "bot", name: `command ${end}`, detail: reason },
      ]);
    });
    expect((await device()).desired).toMatchObject({ diffusing: "water", command: { id, state: end, reason } });
  },
);

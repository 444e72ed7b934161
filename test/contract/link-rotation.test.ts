import { expect, test } from "vitest";
import { deviceTopic, MAX_KEY_VERSION } from "../../device-db/contract.ts";
import { connectUser } from "../support/brokers.ts";
import { OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";

const AS_OPERATOR = { authorization: `Bearer ${OPERATOR_KEY}` };

type DeviceDb = Awaited<ReturnType<typeof openDeviceDb>>;

async function rotate(deviceDb: DeviceDb, serial: string, headers: Record<string, string> = AS_OPERATOR) {
  const answer = await deviceDb.post(`/api/devices/${serial}/rotate-link`, undefined, headers);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const versionOf = (deviceDb: DeviceDb) => deviceDb.rows("SELECT key_version AS version FROM devices");

test("a rotated link has the next version, which the bot is told at once and at its next connection", async () => {
  await using deviceDb = await openDeviceDb();
  await using bot = await connectUser(deviceDb.mqttUrl, "bot");
  await bot.client.subscribeAsync(deviceTopic("+"), { qos: 1 });
  const heard = ({ messages }: typeof bot) =>
    messages.map(({ payload }) => (JSON.parse(payload) as { keyVersion: number }).keyVersion);
  await eventually(() => expect(heard(bot)).toEqual([1]));

  const device = { serial: SERIAL, room: "Room 101", timeZone: "Asia/Hong_Kong", keyVersion: 2, enabled: true };
  expect(await rotate(deviceDb, SERIAL)).toEqual({ status: 200, body: { ...device, simulated: true } });
  await eventually(() => expect(heard(bot)).toEqual([1, 2]));
  await using late = await connectUser(deviceDb.mqttUrl, "bot");
  await late.client.subscribeAsync(deviceTopic("+"), { qos: 1 });
  await eventually(() => expect(heard(late)).toEqual([2]));

  await deviceDb.restart();
  expect(await (await deviceDb.get(`/api/devices/${SERIAL}`)).json()).toMatchObject(device);
});

test("rotations at the same instant are one version each", async () => {
  await using deviceDb = await openDeviceDb();
  const answers = await Promise.all([1, 2, 3, 4].map(() => rotate(deviceDb, SERIAL)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(versionOf(deviceDb)).toEqual([{ version: 5 }]);
});

test("a link has no version after the last one, and there is none without a device or the operator's key", async () => {
  await using deviceDb = await openDeviceDb();
  expect(await rotate(deviceDb, "NOBODY-1")).toMatchObject({
    status: 404,
    body: { detail: `No device "NOBODY-1" is registered.` },
  });
  for (const headers of [{}, { authorization: "Bearer guess" }] as Record<string, string>[])
    expect(await rotate(deviceDb, SERIAL, headers)).toMatchObject({ status: 401 });
  expect(versionOf(deviceDb)).toEqual([{ version: 1 }]);

  deviceDb.tamper(`UPDATE devices SET key_version = ${String(MAX_KEY_VERSION)}`);
  expect(await rotate(deviceDb, SERIAL)).toMatchObject({
    status: 409,
    body: { detail: `The link of "${SERIAL}" has its last version, 9999.` },
  });
  expect(versionOf(deviceDb)).toEqual([{ version: MAX_KEY_VERSION }]);
});

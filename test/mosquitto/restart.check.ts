import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeSecrets } from "../../scripts/secrets.ts";
import { beginChat } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { deliveredSession, erpOf, openKit } from "../support/kit.ts";
import { openMosquitto } from "../support/mosquitto.ts";
import { CA_FILE } from "../support/outside-broker.ts";

const SCENTS = ["fire", "wood", "water", "air"];

test("Mosquitto is killed again and again while guests answer, over TLS: each session is one usage", async () => {
  await using opening = new AsyncDisposableStack();
  const DATA_DIR = await mkdtemp(join(tmpdir(), "aromapod-e2e-"));
  opening.defer(() => rm(DATA_DIR, { recursive: true, force: true }));
  const { mqtt, devices } = makeSecrets(DATA_DIR, SERIAL);
  const broker = opening.use(await openMosquitto({ bot: mqtt.bot, "device-db": mqtt.deviceDb, ...devices }));
  const kit = opening.use(await openKit("safe", { DATA_DIR, MQTT_URL: broker.tlsUrl, MQTT_CA: CA_FILE }));

  const sessions: { id: string; scent: string }[] = [];
  for (const scent of SCENTS) {
    const guests = await Promise.all(Array.from({ length: 5 }, () => beginChat(kit.launchUrl)));
    const answers = guests.map((guest) => guest.say(scent));
    await broker.stop();
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    await broker.start();
    sessions.push(...guests.map(({ id }) => ({ id, scent })));
  }
  const refs = await Promise.all(sessions.map(async ({ id }) => (await deliveredSession(kit, id)).delivery.id));
  await eventually(async () => {
    const usages = await listUsages(erpOf(kit));
    expect(usages.map(({ ref, scent }) => `${String(ref)} ${scent}`).sort()).toEqual(
      refs.map((ref, n) => `${ref} ${sessions[n]?.scent ?? ""}`).sort(),
    );
  });
});

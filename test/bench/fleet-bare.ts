import { setTimeout as delay } from "node:timers/promises";
import { connect, type MqttClient } from "mqtt";
import { podTopic } from "../../device-sim/contract.ts";
import { openFleetGuests } from "../../device-sim/fleet-guests.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import type { FleetSide, FleetSideOrder } from "./fleet-child.ts";

const CONNECTING_AT_ONCE = 200;
const POLL_MS = 5;
const GIVE_UP_MS = 60_000;

/** MQTT.js clients that accept whatever they are asked for, and are nothing else: no state, no events, no memory. */
export async function openBareFleet({ mqttUrl, accounts, bot, durationMs }: FleetSideOrder): Promise<FleetSide> {
  const guests = openFleetGuests(bot, { clock: systemClock, log: createLog("silent") });
  const clients: MqttClient[] = [];
  const countConnected = () => clients.filter((client) => client.connected).length;

  return {
    async connect() {
      const giveUpAt = performance.now() + GIVE_UP_MS;
      for (const { serial, password } of accounts) {
        clients.push(openBarePod(mqttUrl, serial, password));
        if (clients.length % CONNECTING_AT_ONCE === 0) await untilConnected(clients.length - CONNECTING_AT_ONCE / 2);
      }
      await untilConnected(accounts.length);

      async function untilConnected(count: number): Promise<void> {
        while (countConnected() < count && performance.now() < giveUpAt) await delay(POLL_MS);
      }
    },
    connected: countConnected,
    async callRoll() {
      const startedAt = performance.now();
      for (const [at, { serial }] of accounts.entries()) {
        const waitMs = startedAt + (at / accounts.length) * durationMs - performance.now();
        if (waitMs > 1) await delay(waitMs);
        guests.ask(serial, { action: "checkin", scent: "wood" });
      }
      while (guests.figures().open > 0) await delay(POLL_MS);
    },
    guests: guests.figures,
    async close() {
      await guests.close();
      for (const client of clients) client.end(true);
    },
  };
}

function openBarePod(url: string, serial: string, password: string): MqttClient {
  const client = connect(url, { clientId: serial, username: serial, password, protocolVersion: 4, keepalive: 30 });
  client.on("connect", () => client.subscribe(podTopic(serial, "down/command"), { qos: 1 }));
  client.on("message", (_topic, payload) => {
    const { id: commandId } = JSON.parse(payload.toString()) as { id: string };
    const reply = { commandId, outcome: "accepted", at: new Date().toISOString() };
    client.publish(podTopic(serial, "up/reply"), JSON.stringify(reply), { qos: 1 });
  });
  return client;
}

import { randomUUIDv7 } from "node:crypto";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { createLatencies } from "../plumbing/latencies.ts";
import type { Log } from "../plumbing/log.ts";
import { connectMqtt, type MqttAccount } from "../plumbing/mqtt.ts";
import { createRepeater } from "../plumbing/repeater.ts";
import { type Command, endOf, podTopic, type Reply, replySchema, serialOf } from "./contract.ts";

/** As long as a guest's command lives. */
const TTL_MS = 120_000;

type Ask = Pick<Command, "action" | "scent" | "startTime" | "endTime" | "timeZone">;
type Asked = { id: string; serial: string; ask: Ask; issuedAt: number; expiresAt: number; sentAt: number };

export type FleetGuests = ReturnType<typeof openFleetGuests>;

/** Those who ask the pods of a fleet, over one connection as the bot's: each command is repeated until its pod replies. */
export function openFleetGuests(account: MqttAccount, { clock, log }: { clock: Clock; log: Log }) {
  const mqtt = connectMqtt(account, log);
  const counts = countReplies();
  const repeater = createRepeater<Asked>({
    clock,
    send: ({ id, serial, ask, issuedAt }, leftMs) =>
      mqtt.publish(podTopic(serial, "down/command"), { id, ...ask, issuedAt: isoTime(issuedAt), ttlS: leftMs / 1_000 }),
    onExpired: counts.unanswered,
  });

  mqtt.subscribe(podTopic("+", "up/reply"), (topic, payload) => {
    const { data: reply } = replySchema.safeParse(payload);
    const asked = reply && repeater.find(reply.commandId);
    if (!asked || asked.serial !== serialOf(topic)) return;
    repeater.end(asked.id);
    counts.replied(reply, performance.now() - asked.sentAt);
  });
  mqtt.onConnect(repeater.beginAllAgain);

  function ask(serial: string, what: Ask): void {
    const issuedAt = clock.now();
    const asked = { id: randomUUIDv7(), serial, ask: what, issuedAt, expiresAt: issuedAt + TTL_MS };
    counts.asked();
    repeater.begin({ ...asked, sentAt: performance.now() });
  }

  async function close(): Promise<void> {
    repeater.close();
    await mqtt.close();
  }

  return { ask, connected: mqtt.connected, figures: counts.figures, close };
}

function countReplies() {
  const latencies = createLatencies();
  const ends = { accepted: 0, rejected: 0, expired: 0 };
  let unanswered = 0;
  const reasons = new Map<string, number>();
  let asked = 0;

  return {
    asked: (): void => void (asked += 1),
    unanswered: (): void => void (unanswered += 1),

    replied({ outcome, reason = "" }: Reply, ms: number): void {
      latencies.add(ms);
      ends[endOf(outcome)] += 1;
      if (outcome === "rejected") reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    },

    /** What pods have said, what nobody answered as long as it lived, and what is still open. */
    figures: () => ({
      asked,
      ...ends,
      unanswered,
      open: asked - ends.accepted - ends.rejected - ends.expired - unanswered,
      reasons: Object.fromEntries(reasons),
      latency: latencies.quantiles(),
    }),
  };
}

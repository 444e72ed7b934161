import type { PartName } from "../../scripts/parts.ts";

/** A place where a process is killed, with its name in the matrix of crashes. */
export type CrashPoint = {
  k: string;
  point: string;
  part: PartName;
  /** These are killed in the same moment. */
  others?: PartName[];
  /** The ERP stands still until deliveries wait for each other, as only those pass this place. */
  queued?: true;
  /** The killed process is killed here again, each time that it starts. */
  atStart?: string;
};

/** Every arrow of the flow, from the guest's answer to the ERP's. */
export const CRASH_POINTS: readonly CrashPoint[] = [
  { k: "K1", point: "bot.activity-received", part: "bot" },
  { k: "K2", point: "bot.activity-stored", part: "bot" },
  { k: "K3", point: "bot.turn-decided", part: "bot" },
  { k: "K4", point: "bot.turn-in-commit", part: "bot" },
  { k: "K5", point: "bot.turn-committed", part: "bot" },
  { k: "K6", point: "command.before-publish", part: "bot" },
  { k: "K7", point: "command.published", part: "bot" },
  { k: "K8", point: "broker.acknowledged:/down/command", part: "device-db" },
  { k: "K8", point: "broker.acknowledged:/up/reply", part: "device-db" },
  { k: "K9", point: "pod.received", part: "device-sim" },
  { k: "K10", point: "pod.persisted", part: "device-sim" },
  { k: "K11", point: "pod.acted", part: "device-sim" },
  { k: "K12", point: "event.received", part: "device-db" },
  { k: "K13", point: "event.committed", part: "device-db" },
  { k: "K14", point: "delivery.before-inflight", part: "device-db", queued: true },
  { k: "K15", point: "delivery.inflight", part: "device-db" },
  { k: "K16", point: "delivery.sent", part: "device-db" },
  { k: "K17", point: "delivery.answered", part: "device-db" },
  { k: "K18", point: "erp.before-commit", part: "erp" },
  { k: "K19", point: "erp.committed", part: "erp" },
  { k: "K25", point: "delivery.sent", part: "device-db", atStart: "delivery.recovering" },
  { k: "K26", point: "delivery.sent", part: "device-db", others: ["erp"] },
  { k: "K27", point: "delivery.sent", part: "device-db", others: ["bot", "device-sim", "erp"] },
];

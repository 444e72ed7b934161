import { open } from "node:fs/promises";
import type { Delivery, DeliveryDetail, PausedLane } from "../device-db/contract.ts";
import type { Reconciliation } from "../device-db/delivery-contract.ts";
import { StartError } from "../plumbing/start-error.ts";
import { askKit } from "./kit-api.ts";
import { HOST } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { oneLine, table } from "./table.ts";

type Json = { json: boolean };
type Filter = { state?: string | undefined; serial?: string | undefined };
type Decision = { move: "resend" | "discard" | "mark-delivered"; reason: string; dryRun: boolean };

const EVIDENCE_CHARACTERS = 60;
const PAGE = 500;

/** Lists deliveries, newest first, and the lanes that stand still. */
export async function listDeliveries(settings: Settings, filter: Filter, { json }: Json): Promise<number> {
  const { data } = await ask<{ data: Delivery[] }>(settings, `/api/deliveries?${queryOf(filter)}`);
  const { data: paused } = await ask<{ data: PausedLane[] }>(settings, "/api/lanes");
  if (json) print({ data, paused });
  else process.stdout.write(deliveryTable(data) + pausedText(paused));
  return 0;
}

/** All that is known of one delivery. */
export async function showDelivery(settings: Settings, id: string, { json }: Json): Promise<number> {
  const delivery = await ask<DeliveryDetail>(settings, pathOf(id));
  if (json) print(delivery);
  else process.stdout.write(detailText(delivery));
  return 0;
}

/** Carries out an operator's decision on each delivery, in the order given; the first refusal ends it. */
export async function decide(
  settings: Settings,
  ids: readonly string[],
  { move, reason, dryRun, json }: Decision & Json,
): Promise<number> {
  for (const id of ids) {
    const answer = await ask<DeliveryDetail | { wouldSend: string }>(settings, `${pathOf(id)}/${move}`, {
      reason,
      dryRun,
    });
    if (json) print(answer);
    else if ("wouldSend" in answer) process.stdout.write(`${id} would be sent: ${answer.wouldSend}\n`);
    else process.stdout.write(`${id} is ${answer.state}.\n`);
  }
  return 0;
}

/** Asks the ERP what it has, settles what that proves, and compares both sides; 1 when they differ. */
export async function reconcile(settings: Settings, { dryRun, json }: { dryRun: boolean } & Json): Promise<number> {
  const result = await ask<Reconciliation>(settings, "/api/deliveries/reconcile", { dryRun });
  if (json) print(result);
  else process.stdout.write(reconciliationText(result));
  return result.ok ? 0 : 1;
}

export async function pause(
  settings: Settings,
  { serial, reason, json }: { serial: string | undefined; reason: string } & Json,
): Promise<number> {
  const answer = await ask<{ data: PausedLane[] }>(settings, "/api/deliveries/pause", { serial, reason });
  if (json) print(answer);
  else process.stdout.write(pausedText(answer.data));
  return 0;
}

export async function resume(
  settings: Settings,
  { serial, json }: { serial: string | undefined } & Json,
): Promise<number> {
  const answer = await ask<{ resumed: number; data: PausedLane[] }>(settings, "/api/deliveries/resume", { serial });
  if (json) print(answer);
  else process.stdout.write(`Resumed: ${String(answer.resumed)}.\n${pausedText(answer.data)}`);
  return 0;
}

/** Writes one line of JSON for each delivery with its log, newest first, to a file or to stdout. */
export async function exportDeliveries(
  settings: Settings,
  { out, ...filter }: Filter & { out: string | undefined },
): Promise<number> {
  if (out === undefined) {
    for await (const line of everyLine(settings, filter)) process.stdout.write(line);
    return 0;
  }
  await using file = await openForWriting(out);
  let count = 0;
  for await (const line of everyLine(settings, filter)) {
    await file.write(line);
    count += 1;
  }
  process.stderr.write(`${String(count)} deliveries are in ${out}.\n`);
  return 0;
}

async function openForWriting(path: string) {
  return open(path, "w").catch((cause: Error) => {
    throw new StartError(`Cannot write "${path}": ${cause.message}.`, { cause });
  });
}

async function* everyLine(settings: Settings, filter: Filter): AsyncGenerator<string> {
  for await (const delivery of everyDelivery(settings, filter)) yield `${JSON.stringify(delivery)}\n`;
}

async function* everyDelivery(settings: Settings, filter: Filter): AsyncGenerator<DeliveryDetail> {
  let before: string | undefined;
  for (;;) {
    const path = `/api/deliveries?${queryOf({ ...filter, before, limit: String(PAGE) })}`;
    const { data } = await ask<{ data: Delivery[] }>(settings, path);
    for (const { id } of data) yield await ask<DeliveryDetail>(settings, pathOf(id));
    before = data.at(-1)?.id;
    if (data.length < PAGE) return;
  }
}

async function ask<Answer>(settings: Settings, path: string, body?: unknown): Promise<Answer> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const url = `http://${HOST}:${String(settings.DEVICE_DB_PORT)}${path}`;
  const answer = await askKit({ url, key: operatorKey, ...(body === undefined ? {} : { method: "POST", body }) });
  return (await answer.json()) as Answer;
}

function pathOf(id: string): string {
  return `/api/deliveries/${encodeURIComponent(id)}`;
}

function queryOf(filter: Record<string, string | undefined>): string {
  const given = Object.entries(filter).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams(given).toString();
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function deliveryTable(deliveries: readonly Delivery[]): string {
  if (deliveries.length === 0) return "There is no such delivery.\n";
  const rows = deliveries.map(({ id, state, serial, status, scent, attempts, dueAt, evidence }) => {
    return [id, state, serial, status, scent, String(attempts), dueAt ?? "", shortened(evidence ?? "")];
  });
  return table([["ID", "STATE", "DEVICE", "STATUS", "SCENT", "TRIES", "DUE", "EVIDENCE"], ...rows]);
}

function shortened(text: string): string {
  return text.length > EVIDENCE_CHARACTERS ? `${text.slice(0, EVIDENCE_CHARACTERS - 1)}…` : text;
}

function pausedText(lanes: readonly PausedLane[]): string {
  const sentences = lanes.map(({ serial, at, reason }) => {
    const which = serial === "*" ? "All deliveries are" : `The deliveries of ${serial} are`;
    return `${which} paused since ${at}: ${oneLine(reason)}\n`;
  });
  return sentences.length === 0 ? "" : `\n${sentences.join("")}`;
}

function detailText(delivery: DeliveryDetail): string {
  const { id, serial, status, scent, state, attempts, sessionId, createdAt, dueAt, traceparent, log } = delivery;
  const facts = [
    ["Delivery", id],
    ["State", state],
    ["Device", `${serial}, ${status} ${scent}`],
    ["Session", sessionId ?? "none"],
    ["Event taken in", createdAt],
    ["Tries", `${String(attempts)}${dueAt === null ? "" : `, next at ${dueAt}`}`],
    ["Trace", traceparent ?? "none"],
  ];
  const changes = log.map(({ at, from, to, evidence }) => [at, `${from ?? "new"} → ${to}`, evidence ?? ""]);
  return `${table(facts)}\n${table(changes)}`;
}

function reconciliationText({ ok, unsettled, devices }: Reconciliation): string {
  const open = unsettled.map(({ id, state, finding, evidence }) => [id, state, finding, evidence]);
  const count = (value: readonly unknown[]) => String(value.length);
  const compared = devices.map(({ serial, delivered, erp, missing, extra, mismatched }) => {
    return [
      serial,
      String(delivered),
      erp === null ? "not readable" : String(erp),
      count(missing),
      count(extra),
      count(mismatched),
    ];
  });
  return [
    open.length === 0 ? "" : `${table([["NOT SETTLED BEFORE", "NOW", "ERP", "EVIDENCE"], ...open])}\n`,
    table([["DEVICE", "DELIVERED", "IN ERP", "MISSING", "EXTRA", "MISMATCHED"], ...compared]),
    ...devices.flatMap(({ missing, extra, mismatched }) => [
      ...missing.map((id) => `missing in the ERP: delivery ${id}\n`),
      ...extra.map((id) => `extra in the ERP: usage ${String(id)}\n`),
      ...mismatched.map((id) => `not the same in the ERP: delivery ${id}\n`),
    ]),
    ok ? "\nBoth sides hold the same.\n" : "\nThe two sides differ, or something is not settled.\n",
  ].join("");
}

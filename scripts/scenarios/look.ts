/** Looks at a run through the public interfaces of the parts. */
import type { Delivery, DeviceView, SessionView } from "../../device-db/contract.ts";
import type { Usage } from "../../erp-stub/contract.ts";
import { parseJson } from "../../plumbing/json.ts";
import { reach } from "../reach.ts";
import { readUsages } from "../usages.ts";
import type { Facts } from "./contract.ts";
import type { Seen, SeenSession } from "./expect.ts";
import type { ScenarioGuest } from "./guest.ts";

/** Where the parts are that may be asked; an absent one is not checked. */
export type Target = {
  launchUrl: string;
  serial: string;
  deviceDb: string | undefined;
  erp: { url: string; apiKey: string } | undefined;
  /** Nobody else uses this pod: all that it reports belongs to the run. */
  isOurs: boolean;
};

/** Each guest with the sessions that were begun; the last is the one that the phone shows. */
type Sessions = readonly { guest: string; ids: readonly string[]; phone: ScenarioGuest }[];

/** What is asked for again and again; `known` is what was there before the run. */
type Run = { target: Target; sessions: Sessions; commands: readonly string[]; known: Known };
export type Known = { deliveries: ReadonlySet<string>; usages: ReadonlySet<number>; since: string };

export type Look = { seen: Seen; flows: SessionView[]; deliveries: Delivery[]; usages: Usage[] };

const NEWEST = 100;

/** What belongs to others, or to the runs before. */
export async function lookBefore({ deviceDb, erp, serial, isOurs }: Target): Promise<Known> {
  const deliveries = deviceDb && isOurs ? await deliveriesOf(deviceDb, serial) : [];
  const usages = erp && isOurs ? await readUsages(erp, `serial=${serial}&limit=${String(NEWEST)}`) : [];
  return {
    deliveries: new Set(deliveries.map(({ id }) => id)),
    usages: new Set(usages.map(({ id }) => id)),
    since: new Date().toISOString(),
  };
}

/** What can be seen now, as far as these facts need it. @throws when a part that is needed cannot be asked */
export async function lookAt(run: Run, facts: Facts): Promise<Look> {
  const { deviceDb, erp, serial } = run.target;
  const { flows, deliveries } = deviceDb && needsFlows(facts) ? await flowsOf(deviceDb, run) : NOTHING;
  const usages = erp && facts.usages ? await usagesOf(erp, run, deliveries) : undefined;
  const pod = deviceDb && facts.pod ? await podOf(deviceDb, serial) : undefined;
  return {
    seen: { ...(await seenOf(run, { flows, deliveries })), ...given({ usages, pod }) },
    flows,
    deliveries,
    usages: usages ?? [],
  };
}

/** All that can still be seen at the end; whoever cannot be asked any more is left out. */
export async function lookBack(run: Run): Promise<Look> {
  const { deviceDb, erp } = run.target;
  const { flows, deliveries } = deviceDb ? await flowsOf(deviceDb, run).catch(() => NOTHING) : NOTHING;
  const usages = erp ? await usagesOf(erp, run, deliveries).catch(() => []) : [];
  const seen = await seenOf(run, { flows, deliveries }).catch(() => ({ sessions: {} }));
  return { seen, flows, deliveries, usages };
}

const NOTHING: Pick<Look, "flows" | "deliveries"> = { flows: [], deliveries: [] };

function given<Parts extends object>(parts: Parts): { [Name in keyof Parts]?: NonNullable<Parts[Name]> } {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as never;
}

async function seenOf(
  { target, sessions }: Run,
  { flows, deliveries }: Pick<Look, "flows" | "deliveries">,
): Promise<Seen> {
  const views = sessions.map(async ({ guest, ids, phone }) => {
    const flow = flows.find((each) => each.id === ids.at(-1));
    return [guest, await seenSession(phone, flow)] as const;
  });
  const heard = target.deviceDb ? heardOf(flows, deliveries) : {};
  return { sessions: Object.fromEntries(await Promise.all(views)), ...heard };
}

function needsFlows(facts: Facts): boolean {
  const { events, deliveries, requests, attempts, usages } = facts;
  return [events, deliveries, requests, attempts, usages].some((fact) => fact !== undefined) || asksForAnswer(facts);
}

function asksForAnswer({ session, sessions = {} }: Facts): boolean {
  return [session, ...Object.values(sessions)].some((facts) => facts?.answer !== undefined);
}

async function seenSession(phone: ScenarioGuest, flow: SessionView | undefined): Promise<SeenSession> {
  const { state, scent, command, note } = await phone.view();
  return {
    state,
    scent,
    command: command?.state ?? "none",
    reason: command?.reason ?? null,
    told: note?.text ?? "",
    ...(flow ? { answer: flow.answer } : {}),
  };
}

/** Each session, each command of the hotel, and each event that belongs to neither. */
async function flowsOf(deviceDb: string, { target, sessions, commands, known }: Run) {
  const begun = await Promise.all(
    [...sessions.flatMap(({ ids }) => ids), ...commands].map((id) => flowOf(deviceDb, id)),
  );
  const own = begun.flatMap((flow) => flow ?? []);
  const deliveries = target.isOurs
    ? (await deliveriesOf(deviceDb, target.serial)).filter(({ id }) => !known.deliveries.has(id)).reverse()
    : own.flatMap(({ delivery }) => delivery ?? []);
  const told = new Set(own.flatMap(({ hops }) => hops.flatMap(({ payload }) => eventIdIn(payload) ?? [])));
  const alone = await Promise.all(deliveries.filter(({ id }) => !told.has(id)).map(({ id }) => flowOf(deviceDb, id)));
  return { flows: [...own, ...alone.flatMap((flow) => flow ?? [])], deliveries };
}

async function flowOf(deviceDb: string, id: string): Promise<SessionView | undefined> {
  const answer = await reach(`${deviceDb}/api/sessions/${encodeURIComponent(id)}`);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`The device database answered ${String(answer.status)} when asked for a session.`);
  return (await answer.json()) as SessionView;
}

async function deliveriesOf(deviceDb: string, serial: string): Promise<Delivery[]> {
  const answer = await reach(`${deviceDb}/api/deliveries?serial=${serial}&limit=${String(NEWEST)}`);
  if (!answer.ok) throw new Error(`The device database answered ${String(answer.status)} when asked for deliveries.`);
  return ((await answer.json()) as { data: Delivery[] }).data;
}

function heardOf(flows: readonly SessionView[], deliveries: readonly Delivery[]) {
  return {
    events: deliveries.map(({ status }) => status),
    deliveries: deliveries.map(({ state }) => state),
    ...requestsIn(flows),
  };
}

/** The calls to the ERP, each once however often it was repeated, and how many there were with all repeats. */
export function requestsIn(flows: readonly Pick<SessionView, "hops">[]): { requests: string[]; attempts: number } {
  const calls = flows
    .flatMap(({ hops }) => hops.filter(({ part, name }) => part === "ERP" && name === "called"))
    .sort((a, b) => a.at.localeCompare(b.at))
    .map(({ payload }) => callIn(payload));
  return { requests: [...new Map(calls.map(({ key, request }) => [key, request])).values()], attempts: calls.length };
}

/** The request without its origin, and what tells it from others. */
function callIn(payload: string | null): { key: string; request: string } {
  const { request = "", headers } = (parseJson(payload ?? "") ?? {}) as {
    request?: string;
    headers?: Record<string, string>;
  };
  const shown = request.replace(/^GET https?:\/\/[^/]+/, "GET ");
  return { key: headers?.["idempotency-key"] ?? shown, request: shown };
}

function eventIdIn(payload: string | null): string | undefined {
  const { id, seq } = (parseJson(payload ?? "") ?? {}) as { id?: string; seq?: number };
  return seq === undefined ? undefined : id;
}

/** Oldest first. */
async function usagesOf(
  erp: NonNullable<Target["erp"]>,
  { target, known }: Run,
  deliveries: readonly Delivery[],
): Promise<Usage[]> {
  const { serial, isOurs, deviceDb } = target;
  if (isOurs) {
    const newest = await readUsages(erp, `serial=${serial}&limit=${String(NEWEST)}`);
    return newest.filter(({ id }) => !known.usages.has(id)).reverse();
  }
  if (!deviceDb) return (await readUsages(erp, `serial=${serial}&from=${known.since}`)).reverse();
  const found = await Promise.all(deliveries.map(({ id }) => readUsages(erp, `ref=${id}`)));
  return [...new Map(found.flat().map((usage) => [usage.id, usage])).values()].sort((a, b) => a.id - b.id);
}

type Reported = { diffusing?: string | null; stay?: string | null; low?: string[] };

async function podOf(deviceDb: string, serial: string): Promise<Seen["pod"]> {
  const answer = await reach(`${deviceDb}/api/devices/${serial}`);
  if (!answer.ok) throw new Error(`The device database answered ${String(answer.status)} when asked for ${serial}.`);
  const { status, desired, reported } = (await answer.json()) as DeviceView & { reported: Reported | null };
  const { diffusing, stay, low = [] } = reported ?? {};
  const command = desired?.command.state ?? "none";
  return { status, command, diffusing: diffusing ?? "nothing", stay: stay ?? "nobody", low };
}

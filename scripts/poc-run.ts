import type { SessionView } from "../device-db/contract.ts";
import type { Usage } from "../erp-stub/contract.ts";
import { createGuest } from "./guest.ts";

/** Where the parts are that the proof may ask; an absent one is not checked. */
export type Target = {
  launchUrl: string;
  deviceDb: string | undefined;
  erp: { url: string; apiKey: string } | undefined;
};

export type Step = { name: string; ok: boolean | "not checked"; ms: number; detail?: string };

export type Proof = {
  ok: boolean;
  answer: string;
  scent?: string;
  sessionId?: string;
  erpRequest?: string;
  usage?: Usage;
  error?: string;
  steps: Step[];
};

const DEADLINE_MS = 30_000;
const POLL_MS = 10;

/** Acts as one guest, through HTTP and Direct Line only, and follows the answer hop by hop to the ERP. */
export async function provePoc(target: Target, answer: string, onStep: (step: Step) => void): Promise<Proof> {
  const proof: Proof = { ok: false, answer, steps: [] };
  const guest = createGuest(target.launchUrl);
  const keep = (step: Step): void => {
    proof.steps.push(step);
    onStep(step);
  };

  async function step<T>(name: string, work: () => Promise<T>, detail: (value: T) => string = () => ""): Promise<T> {
    const startedAt = performance.now();
    const elapsed = () => Math.round((performance.now() - startedAt) * 10) / 10;
    try {
      const value = await work();
      const text = detail(value);
      keep({ name, ok: true, ms: elapsed(), ...(text ? { detail: text } : {}) });
      return value;
    } catch (error) {
      keep({ name, ok: false, ms: elapsed(), detail: (error as Error).message });
      throw error;
    }
  }

  const skip = (name: string): void => keep({ name, ok: "not checked", ms: 0 });

  async function talk(): Promise<string> {
    await step("the guest opens the page", async () =>
      must((await guest.openPage()).includes("<form"), "The page shows no question."),
    );
    const sessionId = await step("the session begins", guest.begin, (id) => id);
    proof.sessionId = sessionId;
    await step(
      "the bot asks",
      () => heard(guest, "question"),
      (text) => text,
    );
    await step(`the guest answers "${answer}"`, () => guest.say(answer));
    await step(
      "the session ends",
      () => heard(guest, "end", answer),
      (text) => text,
    );
    const { scent } = await step(
      "the pod confirms",
      () => confirmed(guest),
      ({ scent: confirmedScent }) => confirmedScent ?? "",
    );
    proof.scent = scent ?? "";
    return sessionId;
  }

  async function follow(sessionId: string): Promise<string | undefined> {
    const { deviceDb } = target;
    if (!deviceDb) return void skip("the device database delivers");
    const view = await step(
      "the device database delivers",
      () => until(() => deliveredSession(deviceDb, sessionId), "The device database did not deliver in time."),
      ({ delivery }) => delivery?.evidence ?? "",
    );
    return view.delivery?.id;
  }

  async function ask(ref: string | undefined, since: string): Promise<void> {
    const { erp } = target;
    if (!erp) return void skip("the ERP holds one usage");
    const query = ref ? `ref=${ref}` : `serial=${serialOf(target.launchUrl)}&from=${since}`;
    const [usage] = await step(
      "the ERP holds one usage",
      () => oneUsage(erp, query),
      ([{ request }]) => request,
    );
    proof.usage = usage;
    proof.erpRequest = usage.request;
    const expected = `GET /device/switch?serial=${usage.serial}&submit=&status=checkin&scent=${proof.scent ?? ""}`;
    must(usage.request === expected, `The ERP got "${usage.request}", not "${expected}".`);
  }

  try {
    const since = new Date().toISOString();
    const sessionId = await talk();
    await ask(await follow(sessionId), since);
    proof.ok = true;
  } catch (error) {
    proof.error = (error as Error).message;
  }
  return proof;
}

type Guest = ReturnType<typeof createGuest>;

async function heard(guest: Guest, what: "question" | "end", answer = ""): Promise<string> {
  return until(async () => {
    const said = (await guest.read()).filter(({ from }) => from.role === "bot");
    const texts = said.filter(({ type }) => type === "message").map(({ text = "" }) => text);
    if (what === "question") return texts[0];
    if (said.some(({ type }) => type === "endOfConversation")) return texts.at(-1) ?? "";
    if (texts.length > 1) throw new Error(`The bot did not take "${answer}" as an answer and asked again.`);
    return undefined;
  }, `The bot did not speak in time (${what}).`);
}

function confirmed(guest: Guest) {
  return until(async () => {
    const session = await guest.session();
    const { state = "pending", reason } = session.command ?? {};
    if (state === "rejected") throw new Error(`The pod rejected the command: ${reason ?? "no reason given"}.`);
    if (state === "expired") throw new Error("The pod did not answer in time.");
    return state === "accepted" ? session : undefined;
  }, "The pod did not confirm in time.");
}

async function deliveredSession(deviceDb: string, sessionId: string): Promise<SessionView | undefined> {
  const answer = await fetch(`${deviceDb}/api/sessions/${sessionId}`);
  if (!answer.ok) return undefined;
  const view = (await answer.json()) as SessionView;
  const { state, evidence } = view.delivery ?? {};
  if (state === "dead" || state === "held") throw new Error(`The delivery is ${state}: ${evidence ?? ""}`);
  return state === "delivered" ? view : undefined;
}

/** All usages that match. @throws when the ERP refuses to tell */
export async function readUsages(erp: { url: string; apiKey: string }, query: string): Promise<Usage[]> {
  const answer = await fetch(`${erp.url}/api/device-usages?${query}`, {
    headers: { authorization: `Bearer ${erp.apiKey}` },
  });
  if (!answer.ok) throw new Error(`The ERP answered ${String(answer.status)} when asked for usages.`);
  return ((await answer.json()) as { data: Usage[] }).data;
}

async function oneUsage(erp: { url: string; apiKey: string }, query: string): Promise<[Usage]> {
  const usages = await readUsages(erp, query);
  const [usage] = usages;
  if (!usage || usages.length !== 1)
    throw new Error(`The ERP holds ${String(usages.length)} usages for this session, not one.`);
  return [usage];
}

async function until<T>(look: () => Promise<T | undefined>, otherwise: string): Promise<T> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  while (performance.now() < giveUpAt) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(otherwise);
}

function must(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

function serialOf(launchUrl: string): string {
  return (new URL(launchUrl).pathname.split("/")[2] ?? "").replace(/-\d{1,4}-[\w-]{22}$/, "");
}

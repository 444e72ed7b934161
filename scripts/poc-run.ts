import type { GuestView } from "../bot/contract.ts";
import type { SessionView } from "../device-db/contract.ts";
import type { Usage } from "../erp-stub/contract.ts";
import { createGuest } from "./guest.ts";
import { reach } from "./reach.ts";
import { readUsages } from "./usages.ts";

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

type Guest = ReturnType<typeof createGuest>;

const DEADLINE_MS = 30_000;
const POLL_MS = 10;

/** Acts as one guest, through HTTP and Direct Line only, and follows the answer hop by hop to the ERP. */
export async function provePoc(target: Target, answer: string, onStep: (step: Step) => void): Promise<Proof> {
  const proof: Proof = { ok: false, answer, steps: [] };
  const steps = createSteps((step) => {
    proof.steps.push(step);
    onStep(step);
  });
  try {
    const since = new Date().toISOString();
    proof.sessionId = await chat(steps, createGuest(target.launchUrl, tellWait), proof);
    const ref = await checkDelivery(steps, target, proof.sessionId);
    const query = ref ? `ref=${ref}` : `serial=${serialOf(target.launchUrl)}&from=${since}`;
    await checkUsage(steps, target, { query, proof });
    proof.ok = true;
  } catch (error) {
    proof.error = (error as Error).message;
  }
  return proof;
}

function tellWait(seconds: number): void {
  process.stderr.write(`Too many sessions begin just now; going on in ${String(seconds)} s.\n`);
}

type Steps = ReturnType<typeof createSteps>;

function createSteps(onStep: (step: Step) => void) {
  return {
    skip: (name: string): void => onStep({ name, ok: "not checked", ms: 0 }),

    /** Runs one step and tells how long it took; what it throws ends the proof. */
    run: async <T>(name: string, work: () => Promise<T>, detail: (value: T) => string = () => ""): Promise<T> => {
      const startedAt = performance.now();
      const elapsed = () => Math.round((performance.now() - startedAt) * 10) / 10;
      try {
        const value = await work();
        onStep({ name, ok: true, ms: elapsed(), ...(detail(value) ? { detail: detail(value) } : {}) });
        return value;
      } catch (error) {
        onStep({ name, ok: false, ms: elapsed(), detail: (error as Error).message });
        throw error;
      }
    },
  };
}

async function chat(steps: Steps, guest: Guest, proof: Proof): Promise<string> {
  const { answer } = proof;
  const same = (text: string) => text;
  await steps.run("the guest opens the page", async () => {
    if (!(await guest.openPage()).includes("<form")) throw new Error("The page shows no question.");
  });
  const sessionId = await steps.run("the session begins", () => guest.begin(), same);
  await steps.run("the bot asks", () => heardQuestion(guest), same);
  await steps.run(`the guest answers "${answer}"`, () => guest.say({ text: answer }));
  await steps.run("the session ends", () => heardEnd(guest, answer), same);
  const { scent } = await steps.run(
    "the pod confirms",
    () => confirmed(guest),
    (session) => session.scent ?? "",
  );
  proof.scent = scent ?? "";
  return sessionId;
}

async function checkDelivery(steps: Steps, { deviceDb }: Target, sessionId: string): Promise<string | undefined> {
  const name = "the device database delivers";
  if (!deviceDb) {
    steps.skip(name);
    return undefined;
  }
  const late = "The device database did not deliver in time.";
  const delivered = () => until(() => deliveredSession(deviceDb, sessionId), late);
  const { delivery } = await steps.run(name, delivered, (session) => session.delivery?.evidence ?? "");
  return delivery?.id;
}

async function checkUsage(steps: Steps, { erp }: Target, { query, proof }: { query: string; proof: Proof }) {
  const name = "the ERP holds one usage";
  if (!erp) return steps.skip(name);
  const usage = await steps.run(
    name,
    () => oneUsage(erp, query),
    ({ request }) => request,
  );
  proof.usage = usage;
  proof.erpRequest = usage.request;
  const { scent = "" } = proof;
  const expected = `GET /device/switch?serial=${usage.serial}&submit=&status=checkin&scent=${scent}`;
  if (usage.request !== expected) throw new Error(`The ERP got "${usage.request}", not "${expected}".`);
}

function heardQuestion(guest: Guest): Promise<string> {
  const question = async () =>
    (await guest.read()).find(({ type, from }) => type === "message" && from.role === "bot")?.text;
  return until(question, "The bot did not ask in time.");
}

function heardEnd(guest: Guest, answer: string): Promise<string> {
  return until(async () => {
    const said = (await guest.read()).filter(({ from }) => from.role === "bot");
    const texts = said.flatMap(({ type, text = "" }) => (type === "message" ? text : []));
    if (said.some(({ type }) => type === "endOfConversation")) return texts.at(-1);
    if (texts.length > 1) throw new Error(`The bot did not take "${answer}" as an answer and asked again.`);
    return undefined;
  }, "The bot did not end the session in time.");
}

function confirmed(guest: Guest): Promise<GuestView> {
  return until(async () => {
    const session = await guest.session();
    const { state = "pending", reason } = session.command ?? {};
    if (state === "rejected") throw new Error(`The pod rejected the command: ${reason ?? "no reason given"}.`);
    if (state === "expired") throw new Error("The pod did not answer in time.");
    return state === "accepted" ? session : undefined;
  }, "The pod did not confirm in time.");
}

async function deliveredSession(deviceDb: string, sessionId: string): Promise<SessionView | undefined> {
  const answer = await reach(`${deviceDb}/api/sessions/${sessionId}`);
  if (!answer.ok) return undefined;
  const session = (await answer.json()) as SessionView;
  const { state, evidence } = session.delivery ?? {};
  if (state === "dead" || state === "held") throw new Error(`The delivery is ${state}: ${evidence ?? ""}`);
  return state === "delivered" ? session : undefined;
}

function oneUsage(erp: { url: string; apiKey: string }, query: string): Promise<Usage> {
  return until(async () => {
    const [usage, ...others] = await readUsages(erp, query);
    if (others.length === 0) return usage;
    throw new Error(`The ERP holds ${String(others.length + 1)} usages for the session, not one.`);
  }, "The ERP holds no usage for the session.");
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

function serialOf(launchUrl: string): string {
  return (new URL(launchUrl).pathname.split("/")[2] ?? "").replace(/-\d{1,4}-[\w-]{22}$/, "");
}

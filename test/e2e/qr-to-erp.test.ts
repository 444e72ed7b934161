import { beforeAll, describe, expect, test } from "vitest";
import { beginChat, createChatGuest } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { type AnsweredSession, flowProblems } from "../support/flow-oracle.ts";
import { askOperator, deliveredSession, erpOf, type Kit, listDeliveries, sessionAtBot } from "../support/kit.ts";
import { KITS } from "../support/kits.ts";

const ANSWERS = [
  ["fire", ["a", "A", "a)", "1", "fire", "Fire."]],
  ["wood", ["b", "B", "b)", "2", "wood", "Wood."]],
  ["water", ["c", "C", "c)", "3", "water", "Water."]],
  ["air", ["d", "D", "d)", "4", "air", "Air."]],
] as const;
const CASES = ANSWERS.flatMap(([scent, texts]) => texts.map((text) => ({ scent, text })));

describe.each(KITS)("$name", ({ open }) => {
  let kit: Kit;
  const answered: AnsweredSession[] = [];

  beforeAll(async () => {
    kit = await open();
    return () => kit[Symbol.asyncDispose]();
  });

  const usagesOf = (filter: Record<string, string> = {}) => listUsages(erpOf(kit), filter);

  /** Waits for the session's usage and keeps it for the count at the end. */
  async function arrived(sessionId: string, scent: string) {
    const view = await deliveredSession(kit, sessionId);
    answered.push({ sessionId, scent });
    return view;
  }

  async function takeSession(text: string, scent: string) {
    const guest = await beginChat(kit.launchUrl);
    expect(await guest.say(text)).toMatchObject({ status: 200 });
    return { guest, view: await arrived(guest.id, scent) };
  }

  /** A pod's events keep their order: when one more session has arrived, so has everything that was begun before it. */
  async function expectNothingBut(work: () => Promise<unknown>): Promise<void> {
    const before = await usagesOf();
    const result = await work();
    const { view } = await takeSession("d", "air");
    const [newest, ...older] = await usagesOf();
    expect(newest).toMatchObject({ ref: view.delivery.id });
    expect([result, older]).toEqual([result, before]);
  }

  async function botSessions(): Promise<string[]> {
    const metrics = await (await fetch(`${kit.urls.bot}/metrics`)).text();
    return metrics.split("\n").filter((line) => line.startsWith("bot_sessions{"));
  }

  test("opening the launch link, as link previews do, begins nothing", async () => {
    await takeSession("a", "fire");
    const before = await botSessions();
    expect(before).toEqual(['bot_sessions{state="ended"} 1']);
    await expectNothingBut(async () => {
      for (const [method, search] of ["GET", "GET", "HEAD"].flatMap((verb) => [
        [verb, ""] as const,
        [verb, "?again"],
      ])) {
        const page = await fetch(kit.launchUrl + search, { method, headers: { accept: "text/html" } });
        if (method === "GET") expect(await page.text()).toContain("<form");
        // The cookie names a session that has yet to begin.
        const [cookie = ""] = (page.headers.get("set-cookie") ?? "").split(";");
        const session = await fetch(`${kit.launchUrl}/session`, { headers: { cookie } });
        expect([method, await session.json()]).toMatchObject([method, { state: "none" }]);
      }
      expect(await botSessions()).toEqual(before);
    });
  });

  test.for(CASES)('the answer "$text" becomes one usage of $scent', async ({ text, scent }) => {
    const { guest, view } = await takeSession(text, scent);
    const usages = await usagesOf({ ref: view.delivery.id });
    expect(usages).toMatchObject([
      {
        serial: SERIAL,
        status: "checkin",
        scent,
        room: "Room 101",
        request: `GET /device/switch?serial=HKAP0100000001&submit=&status=checkin&scent=${scent}`,
      },
    ]);
    const { activities } = await guest.read();
    expect(activities.map(({ type, text: said, code }) => said ?? code ?? type)).toEqual([
      "Which scent would you like? a) fire, b) wood, c) water, d) air",
      text,
      `Thank you. I am asking your AromaPod for ${scent}.`,
      "completedSuccessfully",
    ]);
  });

  test("nonsense is asked again and reaches neither pod nor ERP, and a good answer still counts", async () => {
    const guest = await beginChat(kit.launchUrl);
    const nonsense = ["banana", "", "e", "5", "a b", "wood fire", "b) fire", "🔥", "x".repeat(2_000)];
    await expectNothingBut(async () => {
      for (const text of nonsense) expect((await guest.say(text)).status).toBe(200);
      const said = (await guest.read()).activities.filter(({ from }) => from.role === "bot");
      expect(said.slice(1).map(({ text }) => text)).toEqual(
        nonsense.map(() => expect.stringMatching(/^Sorry, .* a\) fire, b\) wood, c\) water, d\) air$/) as string),
      );
      expect(await sessionAtBot(kit, guest.id)).toMatchObject({ state: "asked", scent: null, command: null });
    });
    expect((await guest.say("c")).status).toBe(200);
    await arrived(guest.id, "water");
  });

  test.for([3, 10])("%i answers at the same instant are one end, one command and one usage", async (count) => {
    const guest = await beginChat(kit.launchUrl);
    const letters = Array.from({ length: count }, (_, at) => "abcd".charAt(at % 4));
    const answers = await Promise.all(letters.map((letter) => guest.say(letter)));

    const { scent } = await sessionAtBot(kit, guest.id);
    const { event } = await arrived(guest.id, scent ?? "");
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      expect([status, body.error?.code]).toEqual([400, "ConversationEnded"]);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    const { activities } = await guest.read();
    expect(activities.filter(({ type }) => type === "endOfConversation")).toHaveLength(1);
    expect(activities.filter(({ text = "" }) => text.startsWith("Thank you."))).toHaveLength(1);
    expect(await usagesOf({ ref: event?.id ?? "" })).toMatchObject([{ scent }]);
    // The pod numbers what it carries out, so a second command would show in the number of the next event.
    const next = await takeSession("b", "wood");
    expect(next.view.event?.seq).toBe((event?.seq ?? 0) + 1);
  });

  test("the same clientActivityID is one turn with one id, at once, again, and after the end", async () => {
    const guest = await beginChat(kit.launchUrl);
    const [first, second] = await Promise.all([guest.say("hello", "first"), guest.say("hello", "first")]);
    expect([first.status, second.status, second.body]).toEqual([200, 200, first.body]);
    expect((await guest.say("hello", "first")).body).toEqual(first.body);
    const answers = await Promise.all([guest.say("c", "second"), guest.say("c", "second")]);
    await arrived(guest.id, "water");
    answers.push(await guest.say("c", "second"));
    expect(new Set(answers.map(({ status, body }) => `${String(status)} ${body.id}`)).size).toBe(1);
    expect(answers[0].status).toBe(200);
    const { activities } = await guest.read();
    expect(activities.filter(({ from }) => from.role === "user").map(({ id }) => id)).toEqual([
      first.body.id,
      answers[0].body.id,
    ]);
  });

  test("after the end an answer is refused and changes nothing", async () => {
    const { guest } = await takeSession("b", "wood");
    await expectNothingBut(async () => {
      const { status, body } = await guest.say("a");
      expect([status, body.error?.code]).toEqual([400, "ConversationEnded"]);
    });
    expect(await sessionAtBot(kit, guest.id)).toMatchObject({ state: "ended", answer: "b", scent: "wood" });
  });

  test("a guest who takes a token, or is asked, and never answers leaves nothing", async () => {
    await expectNothingBut(async () => {
      const { id } = await createChatGuest(kit.launchUrl);
      expect((await askOperator(`${kit.urls.bot}/api/sessions/${id}`, kit.secrets)).status).toBe(404);
      const asked = await beginChat(kit.launchUrl);
      expect(await sessionAtBot(kit, asked.id)).toMatchObject({ state: "asked", answer: null, command: null });
    });
  });

  test("the form answers without JavaScript, and the page shows what became of it", async () => {
    const send = (choice: string) =>
      fetch(`${kit.launchUrl}/answer`, { method: "POST", redirect: "manual", body: new URLSearchParams({ choice }) });
    const { pathname } = new URL(kit.launchUrl);
    const [before] = await listDeliveries(kit);
    const nonsense = await send("banana");
    expect([nonsense.status, nonsense.headers.get("location")]).toEqual([303, pathname]);
    expect(nonsense.headers.get("set-cookie")).toBeNull();

    const sent = await send("water");
    expect([sent.status, sent.headers.get("location")]).toEqual([303, pathname]);
    const cookie = sent.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax(;|$)/);
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    const newest = await eventually(async () => {
      const [delivery] = await listDeliveries(kit);
      expect(delivery?.id).not.toBe(before?.id);
      return delivery;
    });
    await arrived(newest?.sessionId ?? "", "water");
    await eventually(async () => {
      const page = await (await fetch(kit.launchUrl, { headers })).text();
      expect(page).toMatch(/ data-tone="good"[^]*<p id="status"[^>]*>[^<]*confirmed[^<]*water/);
    });
    const again = await fetch(`${kit.launchUrl}?again`, { headers, redirect: "manual" });
    const [anew = ""] = (again.headers.get("set-cookie") ?? "").split(";");
    expect(await (await fetch(kit.launchUrl, { headers: { cookie: anew } })).text()).toContain("<form");
  });

  test("in the end each answered session has exactly one usage, and nothing else has", async () => {
    const [deliveries, usages] = [await listDeliveries(kit), await usagesOf()];
    expect(answered.length).toBeGreaterThan(0);
    expect(flowProblems({ sessions: answered, deliveries, usages })).toEqual([]);
  });
});

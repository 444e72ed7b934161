import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { operatorRoutes } from "../../bot/operator-routes.ts";
import { openBotStore } from "../../bot/store.ts";
import { startHttp } from "../../plumbing/http.ts";
import { createLog } from "../../plumbing/log.ts";
import { post } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";

const KEY = "operator-key-of-the-tests";
const AS_OPERATOR = { authorization: `Bearer ${KEY}` };
const MAX_CARDS = 2_000;

/** The bot's side for operators alone, with one device and a store of its own. */
async function openOperatorSide() {
  await using opening = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "operator-"));
  opening.defer(() => rm(dir, { recursive: true, force: true }));
  const store = opening.adopt(openBotStore(join(dir, "bot.sqlite")), (open) => open.close());
  const device = { serial: SERIAL, room: "Suite <7> & “Spa”", timeZone: "Etc/UTC", keyVersion: 7, enabled: true };
  const routes = operatorRoutes({
    store,
    operatorKey: KEY,
    device: (serial) => (serial === SERIAL ? device : undefined),
    launchUrl: (serial) => (serial === SERIAL ? "https://scent.hotel.example/r/the-link" : undefined),
  });
  const edge = { host: "127.0.0.1", port: 0, portSetting: "BOT_PORT", log: createLog("silent"), routes };
  const http = opening.adopt(await startHttp(edge), (server) => server.close());
  const owned = opening.move();
  return {
    store,
    get: (path: string, headers: Record<string, string> = AS_OPERATOR) => fetch(http.url + path, { headers }),
    cards: (body: unknown, headers: Record<string, string> = AS_OPERATOR) =>
      fetch(`${http.url}/api/cards`, post(body, headers)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

let side: Awaited<ReturnType<typeof openOperatorSide>>;
beforeAll(async () => {
  side = await openOperatorSide();
  return () => side[Symbol.asyncDispose]();
});

async function problemOf(answer: Response): Promise<[status: number, detail: string]> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const { detail } = (await answer.json()) as { detail: string };
  expect(detail).toMatch(/^[^\n]{1,300}[.\w]$/);
  return [answer.status, detail];
}

test("every address needs the operator's key", async () => {
  for (const path of ["/api/sessions/x", "/api/sessions/x/transcript", `/api/launch/${SERIAL}`]) {
    for (const headers of [{}, { authorization: "Bearer guess" }] as Record<string, string>[])
      expect([path, (await side.get(path, headers)).status]).toEqual([path, 401]);
  }
  expect((await side.cards({ serials: [SERIAL], languages: ["en"] }, {})).status).toBe(401);
});

test("a launch link comes with the version of its key", async () => {
  const url = "https://scent.hotel.example/r/the-link";
  expect(await (await side.get(`/api/launch/${SERIAL}`)).json()).toEqual({ serial: SERIAL, url, keyVersion: 7 });
  expect(await problemOf(await side.get("/api/launch/NOBODY"))).toEqual([404, expect.stringContaining('"NOBODY"')]);
  expect((await problemOf(await side.get(`/api/launch/${SERIAL}?as=gif`)))[0]).toBe(422);
});

test("a session whose words are no longer kept has no transcript", async () => {
  const who = { id: "s1", conversation: "s1", serial: SERIAL, userId: "dl_1", channel: "directline", locale: "en" };
  await side.store.sessions.begin({ ...who, startedAt: 1, dueAt: 2 });
  expect(await problemOf(await side.get("/api/sessions/s1/transcript"))).toEqual([
    404,
    "What was said in this session is no longer kept.",
  ]);
});

describe("cards", () => {
  test("are one document for all devices, in the languages that were asked for, each once", async () => {
    const answer = await side.cards({ serials: [SERIAL, SERIAL], languages: ["de-AT", "zh-HK", "de"] });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const document = await answer.text();
    expect(document.match(/<article /g)).toHaveLength(2);
    expect(document.match(/<h1>[^<]*<\/h1>/g)).toEqual(Array(2).fill("<h1>Suite &lt;7&gt; &amp; “Spa”</h1>"));
    expect(document.match(/Wählen Sie Ihren Duft/g)).toHaveLength(2);
    expect(document).toMatch(/^<!doctype html>\n<html lang="de" dir="ltr">/);
    expect([document.includes("挑選您的香氛"), document.includes("Choose your scent")]).toEqual([true, false]);
    expect(document).toContain(`${SERIAL}-7`);
  });

  test.for<[what: string, status: number, body: unknown]>([
    ["of an unknown device", 404, { serials: [SERIAL, "NOBODY"], languages: ["en"] }],
    ["of no device", 422, { serials: [], languages: ["en"] }],
    ["of too many devices", 422, { serials: Array(MAX_CARDS + 1).fill(SERIAL), languages: ["en"] }],
    ["of no language", 422, { serials: [SERIAL], languages: [] }],
    ["of an unknown language", 422, { serials: [SERIAL], languages: ["en", "xx"] }],
    ["of a language that is no tag", 422, { serials: [SERIAL], languages: ["<b>"] }],
    ["of too many languages", 422, { serials: [SERIAL], languages: Array(21).fill("en") }],
    ["without languages", 422, { serials: [SERIAL] }],
    ["with more", 422, { serials: [SERIAL], languages: ["en"], paper: "A4" }],
    ["of something else", 422, { serials: SERIAL, languages: "en" }],
    ["of nothing", 422, null],
    ["of too long a list", 413, { serials: Array(MAX_CARDS).fill("A".repeat(40)), languages: ["en"] }],
  ])("%s are refused with %i", async ([, status, body]) => {
    expect((await problemOf(await side.cards(body)))[0]).toBe(status);
  });

  test("of the largest hotel keep no guest waiting", async () => {
    let answered = 0;
    let isPrinting = true;
    const guests = async () => {
      while (isPrinting) {
        await (await side.get(`/api/launch/${SERIAL}`)).text();
        answered += 1;
      }
    };
    const waiting = guests();
    const answer = await side.cards(
      { serials: Array(MAX_CARDS).fill(SERIAL), languages: ["en", "ja"] },
      {
        ...AS_OPERATOR,
        "accept-encoding": "identity",
      },
    );
    const cards = (await answer.text()).match(/<article /g)?.length;
    isPrinting = false;
    await waiting;
    expect([answer.status, cards]).toEqual([200, MAX_CARDS]);
    // Printed in one go, it lets a few in before and after.
    expect(answered).toBeGreaterThan(MAX_CARDS / 5);
  });
});

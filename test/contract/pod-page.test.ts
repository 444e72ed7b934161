import { request } from "undici";
import { describe, expect, test } from "vitest";
import type { PodView } from "../../device-sim/hand-contract.ts";
import { OPERATOR_KEY } from "../support/device-db-system.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { openEventStream } from "../support/event-stream.ts";
import { eventually } from "../support/eventually.ts";
import { openPods } from "../support/pod-system.ts";

/** Nobody listens there: the pods are offline, which is all the same to their pages. */
const NO_BROKER = "mqtt://127.0.0.1:9";
const MANY = Array.from({ length: 220 }, (_, n) => `pod-${String(n).padStart(3, "0")}`);

type Pods = Awaited<ReturnType<typeof openPods>>;
type Headers = Record<string, string>;

/** As a browser does it, but for following: fetch would not let us say who we are. */
async function ask(...[pods, path, headers = {}, form]: [Pods, string, Headers?, Record<string, string>?]) {
  const body = form && new URLSearchParams(form).toString();
  const type = body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
  const answer = await request(pods.url() + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { accept: "text/html", ...type, ...headers },
    body: body ?? null,
  });
  const { location } = answer.headers;
  return { status: answer.statusCode, location, headers: answer.headers, text: await answer.body.text() };
}

const PAGE = `/pods/${SERIAL}`;
const tokenOf = async (pods: Pods) => /name="token" value="([\w-]+)"/.exec((await ask(pods, PAGE)).text)?.[1] ?? "";
const viewOf = async (pods: Pods) => (await (await pods.get(`/api/pods/${SERIAL}`)).json()) as PodView;
const checkIn = (pods: Pods, headers: Headers, form: Record<string, string>) =>
  ask(pods, `${PAGE}/checkin`, headers, { scent: "wood", ...form });

describe("the address of the simulator", () => {
  test("leads to the only pod", async () => {
    await using pods = await openPods(NO_BROKER, { serials: [SERIAL] });
    expect(await ask(pods, "/")).toMatchObject({ status: 303, location: PAGE });
    expect((await ask(pods, PAGE)).text).not.toContain("All pods");
  });

  test("lists several, which lead back to it", async () => {
    await using pods = await openPods(NO_BROKER);
    const list = await ask(pods, "/");
    for (const serial of [SERIAL, OTHER_SERIAL]) expect(list.text).toContain(`<a class="row" href="/pods/${serial}">`);
    expect([list.status, list.text.includes("search")]).toEqual([200, false]);
    expect((await ask(pods, PAGE)).text).toContain('<a class="all" href="/">All pods</a>');
  });

  test("says that there is none", async () => {
    await using pods = await openPods(NO_BROKER, { serials: [] });
    expect((await ask(pods, "/")).text).toContain("No pod is simulated");
  });

  test("shows the first of many, and those that fit", async () => {
    await using pods = await openPods(NO_BROKER, { serials: MANY });
    const rows = (text: string) => text.match(/class="row"/g)?.length ?? 0;
    const all = (await ask(pods, "/")).text;
    expect([rows(all), all.includes("These are the first 200 of 220")]).toEqual([200, true]);
    const some = (await ask(pods, "/?q=POD-21")).text;
    expect([rows(some), some.includes('name="q" aria-label="Serial" placeholder="Serial" value="POD-21"')]).toEqual([
      10,
      true,
    ]);
    expect((await ask(pods, "/?q=pod-3")).text).toContain("No serial fits");
  });
});

describe("who may", () => {
  test("a form does it with its page's token, and with the operator's key", async () => {
    await using pods = await openPods(NO_BROKER);
    const token = await tokenOf(pods);
    const done = { status: 303, location: `${PAGE}?done=checkin` };
    expect(await checkIn(pods, { origin: pods.url() }, { token })).toMatchObject(done);
    expect((await viewOf(pods)).state).toMatchObject({ stay: "wood" });
    const byKey = { authorization: `Bearer ${OPERATOR_KEY}` };
    expect(await checkIn(pods, byKey, { scent: "air" })).toMatchObject(done);
    expect((await viewOf(pods)).state).toMatchObject({ stay: "air" });
    expect((await ask(pods, `${PAGE}?done=checkin`)).text).toContain("Checked in.");
  });

  test.for<[what: string, status: number, headers: Headers, token: string | undefined]>([
    ["without a token", 401, {}, undefined],
    ["with an empty token", 403, {}, ""],
    ["with a made-up token", 403, {}, "AAAA"],
    ["from another site", 403, { origin: "https://evil.example" }, "good"],
    ["from another port", 403, { origin: "http://127.0.0.1:1" }, "good"],
    ["from a site next door, as the browser says", 403, { "sec-fetch-site": "same-site" }, "good"],
    ["with a wrong key", 401, { authorization: "Bearer guess" }, undefined],
    ["through a proxy", 401, { "x-forwarded-for": "192.0.2.7" }, "good"],
  ])("a form %s is refused with %i, and does nothing", async ([, status, headers, given]) => {
    await using pods = await openPods(NO_BROKER);
    const good = await tokenOf(pods);
    const form: Record<string, string> = given === undefined ? {} : { token: given === "good" ? good : given };
    expect((await checkIn(pods, headers, form)).status).toBe(status);
    expect((await viewOf(pods)).state).toMatchObject({ stay: null });
  });

  test("the API takes the page's token in a header, and not without it", async () => {
    await using pods = await openPods(NO_BROKER);
    const post = (headers: Headers) =>
      fetch(`${pods.url()}/api/pods/${SERIAL}/press`, { method: "POST", headers, body: '{"button":"next"}' });
    expect((await post({})).status).toBe(401);
    expect((await post({ "x-page-token": "AAAA" })).status).toBe(403);
    expect((await post({ "x-page-token": await tokenOf(pods) })).status).toBe(200);
  });

  test("through a proxy nothing is shown without the key", async () => {
    await using pods = await openPods(NO_BROKER);
    for (const path of ["/", PAGE, `${PAGE}/live`]) {
      const { status, text } = await ask(pods, path, { "x-forwarded-for": "192.0.2.7" });
      expect([path, status, text.includes(SERIAL)]).toEqual([path, 401, false]);
    }
  });
});

describe("what cannot be done", () => {
  test.for<[hand: string, form: Record<string, string>, status: number, sentence: string]>([
    ["checkout", {}, 409, "The pod refuses: nobody has checked in."],
    ["checkin", { scent: "rose" }, 422, "scent: must be one of fire, wood, water, air."],
    ["press", { button: "both" }, 422, "button: must be next or stop."],
    ["intensity", { level: "4" }, 422, "level: must be 1, 2 or 3."],
    [
      "schedule",
      { startTime: "8", endTime: "10:00", timeZone: "UTC" },
      422,
      "startTime: must be a time such as 08:00.",
    ],
    ["fault", { fault: "late", late: "soon", seed: "1" }, 422, "&quot;late=soon&quot; does not fit"],
    ["fault", { fault: "lazy", seed: "1" }, 422, "There is no behaviour &quot;lazy&quot;"],
  ])("is said on the page: %s %j", async ([hand, form, status, sentence]) => {
    await using pods = await openPods(NO_BROKER);
    const answer = await ask(pods, `${PAGE}/${hand}`, {}, { ...form, token: await tokenOf(pods) });
    expect([answer.status, /data-tone="bad">(.*?)<\/p>/.exec(answer.text)?.[1]]).toEqual([
      status,
      expect.stringContaining(sentence),
    ]);
  });

  test("keeps what was typed, as words", async () => {
    await using pods = await openPods(NO_BROKER);
    const token = await tokenOf(pods);
    await checkIn(pods, {}, { token });
    const timeZone = '"><script>alert(1)</script>';
    const window = { startTime: "07:15", endTime: "09:00", timeZone, scent: "air", token };
    const refused = await ask(pods, `${PAGE}/schedule`, {}, window);
    expect([refused.status, refused.text.includes("<script>alert")]).toEqual([409, false]);
    expect(refused.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    for (const kept of ['value="07:15"', 'value="09:00"', "<option selected>air"]) expect(refused.text).toContain(kept);
    const fault = { fault: "late", late: "soon", seed: "7", token };
    const { text } = await ask(pods, `${PAGE}/fault`, {}, fault);
    expect(text).toMatch(/value="late" aria-describedby="about-late" checked/);
    for (const kept of ['value="soon"', 'value="7"']) expect(text).toContain(kept);
    expect(await viewOf(pods)).toMatchObject({ faults: [], seed: 1 });
  });

  test("words of an address stay words, and only known ones are notices", async () => {
    await using pods = await openPods(NO_BROKER);
    for (const path of ["/?q=<script>alert(1)</script>", "/pods/%3Cscript%3Ealert(1)%3C%2Fscript%3E"])
      expect((await ask(pods, path)).text).not.toContain("<script>alert");
    for (const done of ["constructor", "<b>"])
      expect((await ask(pods, `${PAGE}?done=${done}`)).text).not.toContain('class="notice"');
  });

  test("an unknown pod is a page for people and a problem for programs", async () => {
    await using pods = await openPods(NO_BROKER);
    const token = await tokenOf(pods);
    for (const answer of [await ask(pods, "/pods/none"), await ask(pods, "/pods/none/press", {}, { token })]) {
      expect([answer.status, answer.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
      expect(answer.text).toContain("No pod &quot;none&quot; is simulated here.");
    }
    for (const [path, accept] of [
      ["/api/pods/none", "text/html"],
      ["/pods/none", "application/json"],
    ] as const)
      expect((await ask(pods, path, { accept })).headers["content-type"]).toBe("application/problem+json");
  });
});

test("those who look get the page as it is, and again when it has changed", async () => {
  await using pods = await openPods(NO_BROKER, { serials: [SERIAL] });
  const inPage = async () => /<div id="pod".*<\/div>(?=\s*<\/main>)/s.exec((await ask(pods, PAGE)).text)?.[0];
  await using stream = await openEventStream(`${pods.url()}${PAGE}/live`);
  const told = () => stream.events.map(({ event, data }) => (event === "page" ? data : event));
  await eventually(async () => expect(told()).toEqual([await inPage()]));
  await checkIn(pods, {}, { token: await tokenOf(pods) });
  await eventually(async () => expect(told()).toEqual([expect.any(String), await inPage()]));
  expect(told()[1]).toContain("Wood is in the air");
});

test("style and script are kept for ever, pages never; nothing needs more than the policy allows", async () => {
  await using pods = await openPods(NO_BROKER);
  const { headers, text } = await ask(pods, PAGE);
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["content-security-policy"]).toMatch(/script-src 'self';style-src 'self';/);
  const assets = text.match(/\/assets\/pod\.(css|js)\?v=[\da-f]{8}/g) ?? [];
  expect(assets.length).toBe(2);
  for (const asset of assets)
    expect((await pods.get(asset)).headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(text).not.toMatch(/ style=| on\w+=|<style|<script(?! type="module" src)/);
});

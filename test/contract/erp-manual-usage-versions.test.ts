import { expect, test } from "vitest";
import { type Answer, add, ask, patch, post, remove } from "../support/erp-api.ts";
import { callSwitch, listUsages } from "../support/erp-calls.ts";
import { inviteColleague } from "../support/erp-office.ts";
import { at, openReported, usage } from "../support/erp-reported.ts";
import { CASES } from "../support/erp-resource-cases.ts";

const PATH = "/api/device-usages";
const CHANGED = "This device usage was changed meanwhile: look at it again.";

const etagOf = ({ headers }: Answer) => headers.get("etag") ?? "none";
const told = ({ status, body }: Answer) => [status, (body as { detail?: string }).detail];

test("a program changes and removes the usage that it saw, or none", async () => {
  await using erp = await openReported();
  const change = (body: object, etag: string) =>
    ask(erp, `${PATH}/1`, { method: "PATCH", body, headers: { "if-match": etag } });
  const added = await post(erp, PATH, usage("08:00", "09:00"));
  const read = await ask(erp, `${PATH}/1`);
  expect([etagOf(added), etagOf(read)]).toEqual([etagOf(read), expect.stringMatching(/^"[\w-]{22}"$/)]);
  const known = await ask(erp, `${PATH}/1`, { headers: { "if-none-match": etagOf(read) } });
  expect([known.status, known.text]).toEqual([304, ""]);

  const noon = await change({ checkout_at: at("01", "12:00") }, etagOf(read));
  expect(noon.status).toBe(200);
  expect(etagOf(noon)).not.toBe(etagOf(read));
  expect(etagOf(await ask(erp, `${PATH}/1`))).toBe(etagOf(noon));
  expect(told(await change({ checkout_at: at("01", "11:00") }, etagOf(read)))).toEqual([412, CHANGED]);
  expect(told(await change({}, etagOf(read)))).toEqual([412, CHANGED]);
  expect(told(await remove(erp, `${PATH}/1`, { "if-match": etagOf(read) }))).toEqual([412, CHANGED]);
  expect(await listUsages(erp)).toMatchObject([{ checkoutAt: at("01", "12:00") }]);
  expect((await change({ checkout_at: at("01", "11:00") }, "*")).status).toBe(200);
  const last = await ask(erp, `${PATH}/1`);
  expect((await remove(erp, `${PATH}/1`, { "if-match": etagOf(last) })).status).toBe(204);
});

test("of two changes of one version one is made", async () => {
  await using erp = await openReported();
  const headers = { "if-match": etagOf(await post(erp, PATH, usage("08:00", "09:00"))) };
  const changes = ["10:00", "11:00"].map((time) =>
    ask(erp, `${PATH}/1`, { method: "PATCH", body: { checkout_at: at("01", time) }, headers }),
  );
  expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([200, 412]);
});

test("what a device reports makes another version, of what a person entered too", async () => {
  await using erp = await openReported();
  const seen = await post(erp, PATH, usage("08:00", null));
  const reported = [];
  for (const status of ["timein", "timeout", "timein"]) {
    expect((await callSwitch(erp, { serial: "POD-1", status })).status).toBe(200);
    reported.push(etagOf(await ask(erp, `${PATH}/1`)));
  }
  expect(new Set([etagOf(seen), ...reported]).size).toBe(4);
  const headers = { "if-match": etagOf(seen) };
  expect((await ask(erp, `${PATH}/1`, { method: "PATCH", body: {}, headers })).status).toBe(412);
});

test("a form does not undo what somebody else has changed since it was opened", async () => {
  await using erp = await openReported();
  await add(erp, "scents", CASES.scents.other);
  await add(erp, "device-usages", usage("08:00", "09:00"));
  const colleague = await inviteColleague(erp);
  const place = "/device-usages/1";
  const versionIn = (text: string) => /name="version" value="([^"]+)"/.exec(text)?.[1] ?? "";
  const times = { checkin_at: "2026-03-01T16:00", checkout_at: "2026-03-01T17:00" };
  const typed = { device_id: "1", scent_id: "2", ...times };
  const opened = versionIn((await colleague.get(place)).text);
  await patch(erp, `${PATH}/1`, { checkout_at: at("01", "12:00") });

  const wrong = await colleague.send(place, { ...typed, scent_id: "", version: opened });
  expect([wrong.status, versionIn(wrong.text)]).toEqual([422, opened]);
  const late = await colleague.send(place, { ...typed, version: opened });
  expect([late.status, late.text]).toEqual([412, expect.stringContaining(CHANGED)]);
  // All that was typed is there still, beside what the usage has become.
  expect(late.text).toMatch(/value="2" selected/);
  expect(late.text).toContain('value="2026-03-01T17:00"');
  expect(late.text).toContain(`datetime="${at("01", "12:00")}"`);
  expect(await listUsages(erp)).toMatchObject([{ scent: "wood", checkoutAt: at("01", "12:00") }]);

  const again = await colleague.send(place, { ...typed, version: versionIn(late.text) });
  expect(again.status).toBe(303);
  expect(await listUsages(erp)).toMatchObject([{ scent: CASES.scents.other["code"], checkoutAt: at("01", "09:00") }]);
});

import { describe, expect, test } from "vitest";
import { PARTS } from "../../erp-stub/master-data.ts";
import { html } from "../../plumbing/html.ts";
import type { ErpAddress } from "../support/erp-calls.ts";
import { type Colleague, inviteColleague } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";
import { ask, dumpOf, exported, hotel, postCsv, postJson, SEA, taken } from "../support/master-data-calls.ts";

describe("who may", () => {
  test("read: all who see all clients; import: admins; and nobody without a key", async () => {
    await using erp = await openErp();
    await taken(await postJson(erp, { corporations: [SEA] }));
    const keys = [
      ["viewer", null, 200, 403],
      ["manager", null, 200, 403],
      ["admin", null, 200, 200],
      ["admin", 1, 403, 403],
    ] as const;
    for (const [role, client_id, reads, writes] of keys) {
      const body = JSON.stringify({ name: `${role} ${String(client_id)}`, role, client_id });
      const { key } = (await (await ask(erp, "/api/api-keys", { method: "POST", body })).json()) as { key: string };
      const mine = { ...erp, apiKey: key };
      expect([role, (await ask(mine, "/api/master-data")).status]).toEqual([role, reads]);
      expect([role, (await ask(mine, "/api/master-data/scents.csv")).status]).toEqual([role, reads]);
      expect([role, (await postJson(mine, {})).status]).toEqual([role, writes]);
      expect([role, (await postCsv(mine, "scents", "code,name\n")).status]).toEqual([role, writes]);
    }
    const nobody = { ...erp, apiKey: "" };
    expect((await ask(nobody, "/api/master-data")).status).toBe(401);
    expect((await postJson(nobody, {})).status).toBe(401);
  });
});

describe("the page", () => {
  const send = async (erp: ErpAddress, { cookie, get }: Colleague, fields: Record<string, string | File>) => {
    const [, token = ""] = /name="token" value="([^"]+)"/.exec((await get("/master-data")).text) ?? [];
    const body = new FormData();
    for (const [name, value] of Object.entries({ token, text: "", ...fields })) body.append(name, value);
    const answer = await fetch(`${erp.url}/master-data`, { method: "POST", headers: { cookie }, body });
    return { status: answer.status, text: await answer.text() };
  };

  test("has the document and every table as files, which Excel reads too", async () => {
    await using erp = await openErp();
    const viewer = await inviteColleague(erp, { role: "viewer" });
    const { cookie, get } = viewer;
    const { text } = await get("/master-data");
    expect(text).not.toContain("<textarea");
    for (const path of ["export.json", ...PARTS.map(({ resource }) => `${resource}.csv`)]) {
      expect(text).toContain(`href="/master-data/${path}"`);
      const answer = await fetch(`${erp.url}/master-data/${path}`, { headers: { cookie } });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="[a-z-]+\.(json|csv)"$/);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect([path, bytes[0] === 0xef]).toEqual([path, path.endsWith(".csv")]);
    }
    const document = JSON.parse((await get("/master-data/export.json")).text) as unknown;
    expect(document).toEqual(await exported(erp));
    expect((await fetch(`${erp.url}/master-data/export.json`, { redirect: "manual" })).status).toBe(303);
    expect((await send(erp, viewer, { kind: "scents", text: "code,name\n" })).status).toBe(403);
  });

  test("imports a file or what is pasted, checks only when asked to, and says what came of it", async () => {
    await using erp = await openErp({ seed: "empty" });
    const ada = await inviteColleague(erp);
    const file = new File([`\ufeff${JSON.stringify(hotel(2))}`], "hotel.json", { type: "application/json" });
    const before = dumpOf(erp);
    const trial = await send(erp, ada, { kind: "document", file, dry_run: "true" });
    expect([trial.status, dumpOf(erp)]).toEqual([200, before]);
    expect(trial.text).toContain("Nothing is wrong with it, and nothing was kept: 9 to add, 0 to change, 0 unchanged.");
    const done = await send(erp, ada, { kind: "document", file });
    expect(done.text).toContain("Imported: 9 added, 0 changed, 0 unchanged.");
    const pasted = await send(erp, ada, { kind: "scents", text: "code\tname\nwood\tWood\n", file: new File([], "") });
    expect(pasted.text).toContain("Imported: 1 added, 0 changed, 0 unchanged.");
    expect((await exported(erp)).scents).toEqual([{ code: "wood", name: "Wood" }]);
  });

  test.for<[fields: Record<string, string>, sentence: string]>([
    [{ kind: "scents", text: "code,name\n<b>,\n" }, "Line 2 of scents, name: The name field is required."],
    [{ kind: "document", text: "code,name\n<b>,B\n" }, "This is no JSON: is it a table?"],
    [{ kind: "document", text: '{"<b>": []}' }, "There is no part &quot;&lt;b&gt;&quot;."],
    [{ kind: "document", text: "" }, "Choose a file, or paste what is to be imported."],
    [{ kind: "payments", text: "<b>" }, "The selected kind is invalid."],
  ])("says what is wrong with %j, and keeps what was typed and nothing else", async ([fields, sentence]) => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    const before = dumpOf(erp);
    const { status, text } = await send(erp, ada, fields);
    expect([status, dumpOf(erp)]).toEqual([422, before]);
    expect(text).toContain(sentence);
    expect(text).not.toContain("<b>");
    expect(text.replaceAll("\r\n", "\n")).toContain(`>\n${html`${fields["text"] ?? ""}`.markup}</textarea>`);
  });

  test("refuses a form of another page", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    expect((await send(erp, ada, { kind: "scents", text: "code,name\n", token: "guess" })).status).toBe(403);
  });
});

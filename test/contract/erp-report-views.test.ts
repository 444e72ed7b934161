import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPORT_NAMES, type ReportName } from "../../erp-stub/reports.ts";
import { manualClock } from "../support/clock.ts";
import { add, ask, errorsOf, patch, setClock } from "../support/erp-api.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { addHotel, type BillableLine, report, type UsageLine } from "../support/erp-hotel.ts";
import { type Colleague, inviteColleague } from "../support/erp-office.ts";
import { openStory } from "../support/erp-story.ts";
import { openErp } from "../support/erp-system.ts";

type Line = BillableLine & UsageLine & { paid_on: string; note: string | null };
type Story = Awaited<ReturnType<typeof openStory>>;

const minutes = (ms: number) => (ms / 60_000).toFixed(1);
const money = (cents: number) => (cents / 100).toFixed(2);

/** What the first columns of a line say that can be told from the JSON. */
const KNOWN: Record<ReportName, (line: Line) => Record<string, string>> = {
  "device-usage": ({ id, serial, room, source, ms, ending }) => {
    const flag = ending === "closed" ? "" : ending;
    return { id: String(id), serial, room, source, minutes: minutes(ms), flag };
  },
  payments: ({ paid_on, amount_cents, note, source }) => {
    return { paid_on, amount: money(amount_cents), note: note ?? "", source };
  },
  billables: ({ serial, usages, ms, unclosed, open, units, amount_cents }) => {
    const counts = { usages: String(usages), minutes: minutes(ms), unclosed: String(unclosed), open: String(open) };
    return { device: serial, ...counts, hours: String(units), rate: "25.00", amount: money(amount_cents) };
  },
};

/** The cells of a page's table of the report: its rows, then what they come to. */
function tableOf(text: string): string[][] {
  const sheet = text.slice(text.indexOf('class="card sheet"'));
  return [...sheet.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) => readable(cell)),
  );
}

function readable(markup: string): string {
  const spoken = markup.replaceAll(/<(\w+)[^>]* aria-hidden="true"[^>]*>.*?<\/\1>/g, "");
  const text = spoken.replaceAll(/<[^>]+>/g, "");
  const signs = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  return Object.entries(signs).reduce((read, [code, sign]) => read.replaceAll(code, sign), text);
}

describe("JSON, CSV and page say the same", () => {
  let story: Story;
  let colleague: Colleague;
  let search: string;
  beforeAll(async () => {
    story = await openStory();
    const { erp, kong } = story;
    colleague = await inviteColleague(erp);
    const names = ['Suite "Étoile", East', "=cmd|' /C calc'!A0", "<b>Bold</b> & Co"];
    for (const [at, name] of names.entries()) await patch(erp, `/api/rooms/${String(kong.rooms[at]?.id)}`, { name });
    for (const note of ["=1+1", "-2", "@x", "'=quoted", 'a "b", c', null]) {
      await add(erp, "payments", { client_id: kong.client.id, paid_on: "2026-03-31", amount_cents: 1_999, note });
    }
    search = `client_id=${String(kong.client.id)}&from=2026-03-01&to=2026-03-31`;
  });
  afterAll(() => story.close());

  test.for(REPORT_NAMES)("of %s", async (name) => {
    const asked = Object.fromEntries(new URLSearchParams(search));
    const { data, ...told } = await report<Line>(story.erp, name, asked);
    const csv = await ask(story.erp, `/api/reports/${name}.csv?${search}`);
    expect([csv.status, csv.headers.get("content-type"), csv.headers.get("content-disposition")]).toEqual([
      200,
      "text/csv; charset=utf-8",
      `attachment; filename="${name}-${String(story.kong.client.id)}-2026-03-01-2026-03-31.csv"`,
    ]);
    const records = parse(csv.text, { columns: true, record_delimiter: "\r\n" }) as unknown as Record<string, string>[];
    const plain = records.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, restored(cell)])),
    );
    expect(plain).toHaveLength(data.length);
    expect(plain).toMatchObject(data.map((line) => KNOWN[name](line)));

    const seen = await colleague.get(`/reports/${name}?${search}`);
    const [heads = [], ...rows] = tableOf(seen.text);
    const sums = rows.pop() ?? [];
    expect(heads).toHaveLength(Object.keys(plain[0] ?? {}).length);
    expect(rows).toEqual(plain.map((row) => Object.values(row)));
    const total = {
      "device-usage": ["Total", minutes(told.ms)],
      payments: ["Total", money(told.amount_cents)],
      billables: ["Total", String(told.units), money(told.amount_cents)],
    };
    expect(sums.filter((cell) => cell !== "")).toEqual(total[name]);
    expect((await colleague.get(`/reports/${name}.csv?${search}`)).text).toBe(csv.text);
  });

  test("what a spreadsheet would run is text, and so is what looks like markup on the page", async () => {
    const usages = (await ask(story.erp, `/api/reports/device-usage.csv?${search}`)).text;
    expect(usages).toContain(`,'=cmd|' /C calc'!A0,`);
    expect(usages).toContain(',"Suite ""Étoile"", East",');
    const payments = (await ask(story.erp, `/api/reports/payments.csv?${search}`)).text;
    for (const cell of ["'=1+1", "'-2", "'@x", "''=quoted", '"a ""b"", c"', ""]) {
      expect(payments).toContain(`\r\n2026-03-31,19.99,${cell},manual`);
    }
    expect((await colleague.get(`/reports/device-usage?${search}`)).text).not.toContain("<b>Bold");
  });

  test("and a page that is not long enough for all says so", async () => {
    const { erp, clock, kong } = story;
    setClock(clock, "2026-05-01T00:00:00Z");
    const calls = Array.from({ length: 203 }, () =>
      callSwitch(erp, { serial: "POD-7", status: "checkin", scent: "wood" }),
    );
    await Promise.all(calls);
    const may = `client_id=${String(kong.client.id)}&from=2026-05-01&to=2026-05-01`;
    const seen = await (await inviteColleague(erp)).get(`/reports/device-usage?${may}`);
    // And what is open since March.
    expect(tableOf(seen.text)).toHaveLength(1 + 200 + 1);
    expect(readable(seen.text)).toContain("The newest 200 of 204; CSV has all of them.");
    expect((await ask(erp, `/api/reports/device-usage.csv?${may}`)).text.trim().split("\r\n")).toHaveLength(1 + 204);
  });
});

/** As it was before a spreadsheet was kept from running it. */
function restored(cell: string): string {
  return /^'+[=+\-@]/.test(cell) ? cell.slice(1) : cell;
}

describe("what a report is asked for", () => {
  let erp: Awaited<ReturnType<typeof openErp>>;
  let clients: Record<"kong" | "york", number>;
  beforeAll(async () => {
    const clock = manualClock();
    setClock(clock, "2026-03-31T17:00:00Z");
    erp = await openErp({ clock });
    const terms = { charge_unit: "hourly", charge_rate_cents: 1, serials: [] } as const;
    const kong = await addHotel(erp, { ...terms, timezone: "Asia/Hong_Kong" });
    const york = await addHotel(erp, { ...terms, timezone: "America/New_York" });
    clients = { kong: kong.client.id, york: york.client.id };
  });
  afterAll(() => erp.close());

  test.for<[who: "kong" | "york", query: string, from: string, to: string]>([
    ["kong", "", "2026-04-01", "2026-04-30"],
    ["york", "", "2026-03-01", "2026-03-31"],
    ["kong", "&from=&to=", "2026-04-01", "2026-04-30"],
    ["kong", "&from=2026-03-15", "2026-03-15", "2026-04-30"],
    ["kong", "&to=2026-04-01", "2026-04-01", "2026-04-01"],
    ["york", "&from=2024-02-29&to=2024-02-29", "2024-02-29", "2024-02-29"],
    ["york", "&from=2024-01-01&to=2024-12-31", "2024-01-01", "2024-12-31"],
    ["york", "&from=2030-01-01&to=2030-12-31", "2030-01-01", "2030-12-31"],
  ])("is the present month there, unless said: %s%s", async ([who, query, from, to]) => {
    for (const name of REPORT_NAMES) {
      const { status, body } = await ask(erp, `/api/reports/${name}?client_id=${String(clients[who])}${query}`);
      expect([status, body]).toMatchObject([200, { from, to, client: { id: clients[who] }, data: [] }]);
    }
  });

  test.for<[query: string, errors: Record<string, string>]>([
    ["", { client_id: "The client field is required." }],
    ["client_id=", { client_id: "The client field is required." }],
    ["client_id=99", { client_id: "The selected client is invalid." }],
    ["client_id=x", { client_id: "The selected client is invalid." }],
    ["client_id=0", { client_id: "The selected client is invalid." }],
    ["client_id=1&from=2026-02-29", { from: "The from field must match the format Y-m-d." }],
    [
      "client_id=1&from=01.03.2026&to=2026-3-1",
      {
        from: "The from field must match the format Y-m-d.",
        to: "The to field must match the format Y-m-d.",
      },
    ],
    ["client_id=1&from=2026-03-01T00:00:00Z", { from: "The from field must match the format Y-m-d." }],
    ["client_id=1&from=2026-03-02&to=2026-03-01", { to: "The to field must be a date after or equal to from." }],
    [
      "client_id=1&form=2026-03-01&too=&__proto__=x",
      {
        form: "There is no parameter form.",
        too: "There is no parameter too.",
        ["__proto__"]: "There is no parameter __proto__.",
      },
    ],
    ["client_id=1&from=2026-03-01&from=2026-03-02", { from: "The from must not be given more than once." }],
    ["client_id=1&from=2024-01-01&to=2025-01-01", { to: "The to field must be at most a year after from." }],
    ["client_id=1&from=0001-01-01&to=9999-12-31", { to: "The to field must be at most a year after from." }],
  ])("%s is refused at its fields", async ([query, errors]) => {
    const told = Object.fromEntries(Object.entries(errors).map(([field, message]) => [field, [message]]));
    for (const name of REPORT_NAMES) {
      expect(errorsOf(await ask(erp, `/api/reports/${name}?${query}`))).toEqual(told);
      expect(errorsOf(await ask(erp, `/api/reports/${name}.csv?${query}`))).toEqual(told);
    }
  });

  test("and the page asks again, with what was wrong at its field", async () => {
    const colleague = await inviteColleague(erp);
    for (const name of REPORT_NAMES) {
      const seen = await colleague.get(`/reports/${name}?client_id=1&from=yesterday&to=2026-03-01`);
      expect(seen.status).toBe(422);
      expect(seen.text).toMatch(/name="from" aria-invalid="true" aria-describedby="from-error"[^>]*value="yesterday"/);
      expect(seen.text).toContain('id="from-error">The from field must match the format Y-m-d.');
      expect((await colleague.get(`/reports/${name}`)).status).toBe(200);
    }
  });

  test("and says above its form what it has no field for, which leads no further", async () => {
    const colleague = await inviteColleague(erp);
    for (const name of REPORT_NAMES) {
      const seen = await colleague.get(`/reports/${name}?client_id=1&form=2026-03-01&to=2026-03-01`);
      expect(seen.status).toBe(422);
      expect(seen.text).toMatch(/role="alert">There is no parameter form\.</);
      expect(seen.text).toContain(`/reports/${name}?client_id=1&amp;to=2026-03-01"`);
      expect((await colleague.get(`/reports/${name}.csv?form=2026-03-01`)).status).toBe(422);
    }
  });
});

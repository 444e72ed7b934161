import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { Visit } from "../../plumbing/mqtt-probe.ts";
import { reachFinding, rulesFinding, strangersFinding } from "../../scripts/doctor/broker-findings.ts";
import { type BrokerLook, FOR_PODS, REGISTRY, VERSION } from "../../scripts/doctor/broker-look.ts";
import type { Finding } from "../../scripts/doctor/check.ts";
import { addressFinding } from "../../scripts/doctor/guests-address.ts";
import { jsonReport, type Told, textReport } from "../../scripts/doctor/report.ts";
import { SECTIONS } from "../../scripts/doctor/sections.ts";
import { quoted } from "../../scripts/doctor/shell.ts";
import {
  durabilityFinding,
  expiryFinding,
  nodeFinding,
  packagesFinding,
  schemaFinding,
  skewFinding,
  spaceFinding,
} from "../../scripts/doctor/verdicts.ts";

const NOW = Date.UTC(2026, 2, 1);
const DAY = 86_400_000;
const FIX = { command: "fix" };
const inDays = (days: number) => new Date(NOW + days * DAY);
const DURABLE = { journal_mode: "wal", synchronous: 2, foreign_keys: 1, busy_timeout: 100 };
const STORE = { known: 4, wanted: ["a", "b"], tables: ["a", "b"] };
const wood = { name: "wood", wanted: "1.2.3" };

test.for<[what: string, finding: Finding, state: Finding["state"], detail: RegExp]>([
  ["Node 26", nodeFinding("26.0.0"), "ok", /^26\.0\.0$/],
  ["Node 24", nodeFinding("24.21.0"), "failed", /^24\.21\.0, and the kit needs 26 or later/],
  ["all packages", packagesFinding([{ ...wood, found: "1.2.3" }]), "ok", /^all 1 as package\.json/],
  ["an old package", packagesFinding([{ ...wood, found: "1.2.2" }]), "failed", /^wood 1\.2\.2 instead of 1\.2\.3$/],
  ["a missing one", packagesFinding([{ ...wood, found: undefined }]), "failed", /^wood is missing, version 1\.2\.3$/],
  ["a large disk", spaceFinding(80e9, "/"), "ok", /^80\.0 GB left on the disk of \/$/],
  ["a full disk", spaceFinding(99e6, "/"), "failed", /^99\.0 MB left on the disk of \/: soon nothing can be written$/],
  ["a nearly full disk", spaceFinding(100e6, "/"), "warning", /^100\.0 MB left/],
  ["a disk that does not tell", spaceFinding(undefined, "/"), "not checked", /does not tell/],
  ["a durable store", durabilityFinding(DURABLE), "ok", /synchronous FULL/],
  [
    "one that syncs less",
    durabilityFinding({ ...DURABLE, synchronous: 1 }),
    "failed",
    /^synchronous is 1 instead of 2$/,
  ],
  [
    "one without a log",
    durabilityFinding({ ...DURABLE, journal_mode: "delete" }),
    "failed",
    /^journal_mode is delete instead of wal$/,
  ],
  ["the same clock", skewFinding(-5_000, "theirs"), "ok", /^as theirs/],
  ["a slow clock", skewFinding(-6_000, "theirs"), "warning", /^this machine's is 6 s behind theirs$/],
  ["a wrong clock", skewFinding(3_600_000, "theirs"), "failed", /^this machine's is 60 min 0 s ahead of theirs$/],
  ["a new certificate", expiryFinding(inDays(22), NOW, FIX), "ok", /^good until 2026-03-23$/],
  ["one of three weeks", expiryFinding(inDays(21), NOW, FIX), "ok", /^good until 2026-03-22$/],
  ["one of less", expiryFinding(inDays(20.9), NOW, FIX), "warning", /^expires on 2026-03-21, in 20 days$/],
  ["one of this moment", expiryFinding(inDays(0), NOW, FIX), "failed", /^expired on 2026-03-01$/],
  ["a store of today", schemaFinding({ ...STORE, version: 4 }, "mv a b"), "ok", /^schema 4, the newest$/],
  [
    "one of yesterday",
    schemaFinding({ ...STORE, version: 3 }, "mv a b"),
    "ok",
    /^schema 3; the next start brings it to 4$/,
  ],
  [
    "one of tomorrow",
    schemaFinding({ ...STORE, version: 5, tables: ["a", "new"] }, "mv a b"),
    "failed",
    /^its schema 5 is of a newer kit; this one knows 4 at most$/,
  ],
  ["one of others", schemaFinding({ ...STORE, version: 5, tables: ["x"] }, "mv a b"), "failed", /it has no table a$/],
  ["half of one", schemaFinding({ ...STORE, version: 4, tables: ["a"] }, "mv a b"), "failed", /it has no table b$/],
  [
    "one that nobody has begun",
    schemaFinding({ ...STORE, version: 0, wanted: [], tables: [] }, "mv a b"),
    "warning",
    /^it is empty/,
  ],
  [
    "one of nobody's",
    schemaFinding({ ...STORE, version: 0, wanted: [] }, "mv a b"),
    "failed",
    /it has tables, and no version$/,
  ],
])("%s", ([, finding, state, detail]) => {
  expect(finding).toMatchObject({ state, detail: expect.stringMatching(detail) as string });
});

describe("where cards lead", () => {
  const lan = ["192.168.1.5"];
  const PUBLIC = "https://scent.hotel.example";
  test.for<[url: string, around: Parameters<typeof addressFinding>[1], state: Finding["state"]]>([
    ["http://127.0.0.1:3978/r/x", { publicUrl: undefined, lan, answers: true }, "warning"],
    ["http://192.168.1.5:3978/r/x", { publicUrl: undefined, lan, answers: true }, "ok"],
    ["http://192.168.1.5:3978/r/x", { publicUrl: undefined, lan, answers: false }, "warning"],
    ["http://192.168.1.4:3978/r/x", { publicUrl: undefined, lan, answers: false }, "failed"],
    [`${PUBLIC}/r/x`, { publicUrl: PUBLIC, lan, answers: true }, "ok"],
    [`${PUBLIC}/r/x`, { publicUrl: PUBLIC, lan, answers: false }, "warning"],
    ["http://127.0.0.1:3978/r/x", { publicUrl: PUBLIC, lan, answers: true }, "warning"],
  ])("%s with %j is %s", ([url, around, state]) => {
    expect(addressFinding(new URL(url), around).state).toBe(state);
  });
});

describe("what the visits to a broker mean:", () => {
  const refused = (code: number): Visit => ({ state: "refused", code, reason: "refused" });
  const admitted = (granted: string[], ...topics: string[]): Visit => ({
    state: "admitted",
    granted,
    denied: [REGISTRY, FOR_PODS].filter((filter) => !granted.includes(filter)),
    heard: topics.map((topic) => ({ topic, text: "told" })),
  });
  const SILENT: Visit = { state: "admitted", granted: [], denied: [], heard: [] };
  const UNREACHED: Visit = { state: "unreached", reason: "no answer within five seconds" };
  const DEVICE = "aromapod/v1/HKAP0100000001/device";
  const GOOD: BrokerLook = {
    url: "mqtt://broker.example",
    isEmbedded: false,
    speaks5: true,
    nameless: refused(0x87),
    madeUp: refused(5),
    bot: admitted([REGISTRY, VERSION], DEVICE, VERSION),
    deviceDb: admitted([]),
    pod: admitted([]),
  };
  const AROUND = { embedded: "embedded", user: undefined, removeUrl: "unset MQTT_URL" };

  test.for<[what: string, look: Partial<BrokerLook>, states: [Finding["state"], Finding["state"], Finding["state"]]]>([
    ["one in order", {}, ["ok", "ok", "ok"]],
    ["one that grants and says nothing", { pod: admitted([REGISTRY]) }, ["ok", "ok", "ok"]],
    [
      "one where nothing is retained",
      { bot: admitted([REGISTRY, FOR_PODS], VERSION), pod: admitted([REGISTRY]) },
      ["ok", "ok", "not checked"],
    ],
    ["one that tells pods of others", { pod: admitted([REGISTRY], DEVICE) }, ["ok", "ok", "failed"]],
    ["one that tells the bot nothing", { bot: admitted([]) }, ["ok", "ok", "failed"]],
    [
      "one at which the kit is",
      { bot: "connected", deviceDb: "connected", pod: "connected" },
      ["ok", "ok", "not checked"],
    ],
    ["one that answers nothing", { bot: SILENT, pod: SILENT, madeUp: UNREACHED }, ["ok", "not checked", "not checked"]],
    ["one without users", { nameless: admitted([]) }, ["ok", "failed", "ok"]],
    ["one that takes any password", { madeUp: admitted([]) }, ["ok", "failed", "ok"]],
    ["one that refuses the bot", { bot: refused(5), pod: undefined }, ["failed", "ok", "not checked"]],
    ["one that refuses the device database", { deviceDb: refused(5) }, ["failed", "ok", "ok"]],
    ["one that takes one client id only", { bot: refused(2), pod: undefined }, ["not checked", "ok", "not checked"]],
    ["none", { nameless: UNREACHED, bot: undefined, pod: undefined }, ["failed", "not checked", "not checked"]],
  ])("%s", ([, different, states]) => {
    const look = { ...GOOD, ...different };
    expect([reachFinding(look, AROUND).state, strangersFinding(look).state, rulesFinding(look).state]).toEqual(states);
  });

  test("its version is told where it tells it, and whether it speaks MQTT 5", () => {
    expect(reachFinding(GOOD, AROUND).detail).toBe("told at mqtt://broker.example, MQTT 3.1.1 and 5");
    const older = { ...GOOD, speaks5: false, bot: admitted([REGISTRY]) };
    expect(reachFinding(older, AROUND).detail).toBe(
      "a broker of yours, which tells no version, at mqtt://broker.example, MQTT 3.1.1",
    );
  });
});

describe("the report", () => {
  const TOLD: Told[] = [
    { section: "First", name: "one", state: "ok", detail: "fine" },
    { section: "First", name: "another", state: "not checked", detail: "away" },
    {
      section: "Second",
      name: "two",
      state: "warning",
      detail: "a few words that need\u001b[2J more than a line",
      fix: {
        advice: "What helps is this, and not much else than this:",
        command: "mv 'a b' c # which is wider than a line",
      },
    },
  ];

  test("wraps what is told beside the names, and never what is to be copied; nobody steers the terminal", () => {
    expect(stripVTControlCharacters(textReport(TOLD, 40))).toBe(`First
  ✔ one      fine
  – another  away

Second
  ! two      a few words that need [2J more than a
             line
             → What helps is this, and not much else
               than this:
               mv 'a b' c # which is wider than a line

Nothing that is required failed; worth a
look: two. 1 check could not be made or
did not apply.
`);
  });

  test.for<[told: Told[], verdict: string]>([
    [TOLD.slice(0, 1), "All that was checked is in order."],
    [
      [...TOLD, { section: "Second", name: "three", state: "failed", detail: "no", fix: FIX }],
      "1 check of 4 failed: three.",
    ],
  ])("ends with a verdict: %j", ([told, verdict]) => {
    expect(stripVTControlCharacters(textReport(told, Infinity)).split("\n").at(-2)).toBe(verdict);
  });

  test("is one document for programs", () => {
    expect(JSON.parse(jsonReport(TOLD))).toEqual({ ok: true, failed: 0, warnings: 1, notChecked: 1, checks: TOLD });
  });
});

test.for([
  ["/var/lib/kit", "/var/lib/kit"],
  ["/my kit/it's", `'/my kit/it'\\''s'`],
  ["$(reboot)", "'$(reboot)'"],
])("%s is %s for a shell", ([word = "", written]) => {
  expect(quoted(word)).toBe(written);
});

test("docs/doctor.md has a row for each check, in their order", () => {
  const document = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");
  const [, table = ""] = /^\| check \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(document) ?? [];
  const rows = [...table.matchAll(/^\| (.*?) \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(SECTIONS.flatMap(({ checks }) => checks.map(({ name }) => name)));
});

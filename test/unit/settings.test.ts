import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { StartError } from "../../plumbing/start-error.ts";
import { brokerCa } from "../../scripts/broker.ts";
import { erpTarget } from "../../scripts/parts.ts";
import { loadSettings, SETTING_NAMES } from "../../scripts/settings.ts";
import { UNSET } from "../support/unset.ts";

const EXAMPLE = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
const shown = new Map([...EXAMPLE.matchAll(/^# (\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));

test(".env.example shows every setting, and no other", () => {
  expect([...shown.keys()].toSorted()).toEqual(SETTING_NAMES.toSorted());
});

test("the defaults are those that .env.example shows", () => {
  const defaults = loadSettings(UNSET);
  for (const name of [
    "DATA_DIR",
    "BOT_PORT",
    "DEVICE_DB_PORT",
    "DEVICE_SIM_PORT",
    "ERP_PORT",
    "MQTT_PORT",
    "BOT_IDLE_S",
    "ERP_SEED",
  ] as const) {
    expect(String(defaults[name]), name).toBe(shown.get(name));
  }
  expect(defaults.ERP_ALLOW.join(",")).toBe(shown.get("ERP_ALLOW"));
  expect(defaults.DEVICE_DB_REPORT_SCENTS.join(",")).toBe(shown.get("DEVICE_DB_REPORT_SCENTS"));
});

test("everything in .env.example is acceptable", () => {
  expect(() => loadSettings({ ...UNSET, ...Object.fromEntries(shown) })).not.toThrow();
});

test.each([
  ["BOT_PORT", "abc"],
  ["BOT_PORT", "65536"],
  ["MQTT_PORT", "1.5"],
  ["ERP_MODE", "sometimes"],
  ["ERP_SETTLE", "luck"],
  ["ERP_URL", "katlai.aizent.com"],
  ["ERP_URL", "https://katlai.aizent.com/api"],
  ["PUBLIC_URL", "ftp://hotel.example"],
  ["BOT_ORIGINS", "https://www.hotel.example,hotel.example"],
  ["BOT_IDLE_S", "4"],
  ["BOT_IDLE_S", "1801"],
  ["BOT_IDLE_S", "7.5"],
  ["ERP_ALLOW", "10.0.0.0/33"],
  ["ERP_RATE", "0"],
  ["DEVICE_DB_REPORT_SCENTS", "rose"],
])("%s=%s stops the start with one sentence that names it", (name, value) => {
  const sentence = new RegExp(`^Bad setting: ${name} "${RegExp.escape(value)}" must be [^"]+\\.$`);
  expect(() => loadSettings({ ...UNSET, [name]: value })).toThrow(StartError);
  expect(() => loadSettings({ ...UNSET, [name]: value })).toThrow(sentence);
});

test.each([5, 300, 1_800])("a chat may close after %i seconds of silence", (seconds) => {
  expect(loadSettings({ ...UNSET, BOT_IDLE_S: String(seconds) }).BOT_IDLE_S).toBe(seconds);
});

test("a secret's value is never told", () => {
  const secret = "s3cret".repeat(60);
  expect(() => loadSettings({ ...UNSET, ERP_API_KEY: secret })).toThrow(
    "Bad setting: ERP_API_KEY must be 256 characters at most.",
  );
});

test.each([
  "broker.example",
  "broker.example:1883",
  "http://broker.example",
  "mqtt://",
  "mqtt:broker.example",
  "mqtt://broker.example/path",
  "ws://broker.example/mqtt?token=s3cret",
  "mqtt://broker.example#s3cret",
  "mqtt://user@broker.example",
  "mqtts://user:s3cret@broker.example:8883",
  "wss://:s3cret@broker.example/mqtt",
  "mqtt://user:s3cret",
])("MQTT_URL=%s stops the start, and the sentence does not repeat it", (MQTT_URL) => {
  const load = () => loadSettings({ ...UNSET, MQTT_URL });
  expect(load).toThrow(StartError);
  expect(load).toThrow(/^Bad setting: MQTT_URL must be a URL such as mqtts:\/\/broker\.example:8883 [^"]*\.$/);
  expect(load).not.toThrow(/s3cret|user@/);
});

test.each([
  ["mqtt://127.0.0.1", "mqtt://127.0.0.1"],
  ["mqtts://broker.example:8883/", "mqtts://broker.example:8883"],
  ["ws://[::1]:8083/mqtt", "ws://[::1]:8083/mqtt"],
  ["wss://broker.example/mqtt/", "wss://broker.example/mqtt/"],
])("MQTT_URL=%s is a broker's", (MQTT_URL, expected) => {
  expect(loadSettings({ ...UNSET, MQTT_URL }).MQTT_URL).toBe(expected);
});

const BROKER = { MQTT_URL: "mqtt://127.0.0.1" };

test.each<[Record<string, string>, RegExp]>([
  [{ MQTT_USER: "hotel", MQTT_PASSWORD: "s3cret" }, /^MQTT_USER needs MQTT_URL\.$/],
  [{ MQTT_PASSWORD: "s3cret" }, /^MQTT_PASSWORD needs MQTT_URL\.$/],
  [{ MQTT_CA: "ca.pem" }, /^MQTT_CA needs MQTT_URL\.$/],
  [{ ...BROKER, MQTT_USER: "hotel" }, /^MQTT_USER needs MQTT_PASSWORD\.$/],
  [{ ...BROKER, MQTT_PASSWORD: "s3cret" }, /^MQTT_PASSWORD needs MQTT_USER\.$/],
  [{ ...BROKER, MQTT_CA: "ca.pem" }, /^MQTT_CA needs an MQTT_URL that begins with mqtts: or wss:[^.]*\.$/],
  [{ MQTT_URL: "ws://127.0.0.1", MQTT_CA: "ca.pem" }, /^MQTT_CA needs an MQTT_URL that begins with mqtts: or wss:/],
])("of a broker, %j does not fit", (flags, sentence) => {
  const load = () => loadSettings({ ...UNSET, ...flags });
  expect(load).toThrow(StartError);
  expect(load).toThrow(sentence);
});

test.each([
  ["missing/ca.pem", /^Cannot read MQTT_CA "missing\/ca\.pem": [^\n]*ENOENT[^\n]*\.$/],
  ["test", /^Cannot read MQTT_CA "test": [^\n]*EISDIR[^\n]*\.$/],
  ["package.json", /^Cannot read MQTT_CA "package\.json": it holds no certificate in PEM\.$/],
])("MQTT_CA=%s stops the start with one sentence", (MQTT_CA, sentence) => {
  const settings = loadSettings({ ...UNSET, MQTT_URL: "mqtts://127.0.0.1", MQTT_CA });
  expect(() => brokerCa(settings)).toThrow(StartError);
  expect(() => brokerCa(settings)).toThrow(sentence);
});

test("credentials where none belong are not told", () => {
  expect(() => loadSettings({ ...UNSET, ERP_URL: "https://user:s3cret@erp.example" })).toThrow(
    /"https:\/\/…@erp\.example"/,
  );
  const long = "s3cret".repeat(1_000);
  expect(() => loadSettings({ ...UNSET, ...BROKER, MQTT_USER: "u", MQTT_PASSWORD: long })).toThrow(
    "Bad setting: MQTT_PASSWORD must be 4096 characters at most.",
  );
});

test("all bad settings are told at once", () => {
  expect(() => loadSettings({ ...UNSET, BOT_PORT: "x", ERP_MODE: "y" })).toThrow(/BOT_PORT.*ERP_MODE/);
});

const FOREIGN = { ERP_URL: "https://katlai.example" };
const targetOf = (flags: Record<string, string>) =>
  erpTarget(loadSettings({ ...UNSET, ...flags }), { erpApiKey: "own" }, "http://erp");

test.each<[string, Record<string, string>, object]>([
  ["the bundled ERP", {}, { settle: "key", concurrency: 64, rate: undefined, apiKey: "own" }],
  ["the bundled ERP in legacy mode", { ERP_MODE: "legacy" }, { settle: "ref", concurrency: 64, rate: undefined }],
  ["a foreign ERP", FOREIGN, { settle: "operator", concurrency: 4, rate: 20, apiKey: undefined }],
  ["a foreign ERP that honours keys", { ...FOREIGN, ERP_MODE: "safe" }, { settle: "key", concurrency: 4, rate: 20 }],
  [
    "a foreign ERP with settings of its own",
    { ...FOREIGN, ERP_SETTLE: "ref", ERP_API_KEY: "k", ERP_CONCURRENCY: "2", ERP_RATE: "5" },
    { settle: "ref", apiKey: "k", concurrency: 2, rate: 5 },
  ],
])("%s is treated as .env.example says", (_what, flags, expected) => {
  expect(targetOf(flags)).toMatchObject(expected);
});

test.each<[string, Record<string, string>]>([
  ["the bundled ERP in legacy mode", { ERP_MODE: "legacy", ERP_SETTLE: "key" }],
  ["a foreign ERP", { ...FOREIGN, ERP_SETTLE: "key" }],
])("%s is never settled by a key that it does not honour", (_what, flags) => {
  expect(() => targetOf(flags)).toThrow(StartError);
  expect(() => targetOf(flags)).toThrow(/^ERP_SETTLE=key needs an ERP that honours keys/);
});

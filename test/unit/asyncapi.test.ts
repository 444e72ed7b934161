import { readFileSync } from "node:fs";
import specs from "@asyncapi/specs";
import { Ajv, type AnySchema } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { accessOf, type Identity } from "../../device-db/access.ts";
import { asyncApiText } from "../../device-sim/asyncapi.ts";
import { POD_TOPICS, type PodTopic, podTopic } from "../../device-sim/contract.ts";
import { SERIAL } from "../support/devices.ts";

type Part = Record<string, unknown>;
type Channel = { address: string; "x-acl": Record<string, string[]> };
type Message = { payload: AnySchema; examples: { payload: Part }[] };
type Operation = { channel: { $ref: string }; action: string; bindings: { mqtt: { qos: number; retain: boolean } } };
type Document = {
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: { messages: Record<string, Message> };
};

const kept = readFileSync(new URL("../../docs/asyncapi.json", import.meta.url), "utf8");
const document = JSON.parse(kept) as Document;
const TOPICS = Object.keys(POD_TOPICS) as PodTopic[];

const messageOf = (topic: PodTopic): Message => {
  const found = document.components.messages[topic.split("/")[1] ?? ""];
  if (!found) throw new Error(`No message for ${topic}.`);
  return found;
};

const ajv = new Ajv({ strict: false });
formats.default(ajv);
const isAsyncApi = ajv.compile(specs.schemasWithoutId["3.0.0"] as AnySchema);

test("the document that is kept is what the contract says; `npm run reference` makes it so", () => {
  expect(kept).toBe(asyncApiText());
});

describe("as AsyncAPI 3.0.0 the document", () => {
  test("is valid", () => {
    expect(isAsyncApi(document) || isAsyncApi.errors).toBe(true);
  });

  test.for<[what: string, told: string, instead: string]>([
    ["another version", '"asyncapi": "3.0.0"', '"asyncapi": "2.6.0"'],
    ["no version of its own", '"version": "1.0.0",', ""],
    ["a direction that is none", '"action": "send"', '"action": "shout"'],
    ["a payload that is no schema", '"type": "object"', '"type": "thing"'],
    ["a field of nobody's", '"address":', '"topic": "", "address":'],
    ["QoS 3", '"qos": 1,\n          "retain"', '"qos": 3, "retain"'],
  ])("is not valid with %s", ([, told, instead]) => {
    const tampered = kept.replace(told, instead);
    expect(tampered).not.toBe(kept);
    expect(isAsyncApi(JSON.parse(tampered))).toBe(false);
  });
});

test("every reference leads somewhere", () => {
  const references = [...kept.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = ""]) => path);
  expect(references.length).toBeGreaterThan(30);
  const lost = references.filter(
    (path) => !path.split("/").reduce<unknown>((at, name) => (at as Part)[name], document),
  );
  expect(lost).toEqual([]);
});

test("channels are the topics of the contract, each with its operation, retained or not", () => {
  const channels = Object.entries(document.channels);
  expect(channels.map(([, { address }]) => address)).toEqual(TOPICS.map((topic) => podTopic("{serial}", topic)));
  const told = Object.values(document.operations).map(({ channel, action, bindings }) => ({
    topic: document.channels[channel.$ref.split("/").at(-1) ?? ""]?.address,
    action,
    ...bindings.mqtt,
  }));
  const wanted = TOPICS.map((topic) => ({
    topic: podTopic("{serial}", topic),
    action: topic.startsWith("down/") ? "receive" : "send",
    qos: 1,
    retain: POD_TOPICS[topic].retained,
    bindingVersion: "0.2.0",
  }));
  expect(told).toHaveLength(wanted.length);
  expect(told).toEqual(expect.arrayContaining(wanted));
});

test("what each role may do is what the embedded broker lets it do", () => {
  const roles: Record<string, Identity> = {
    device: { role: "pod", serial: SERIAL },
    bot: { role: "bot" },
    "device-db": { role: "device-db" },
  };
  for (const { address, "x-acl": acl } of Object.values(document.channels)) {
    const topic = address.replace("{serial}", SERIAL);
    const allowed = Object.entries(roles).map(([role, identity]) => {
      const access = accessOf(identity);
      const may = [access.mayPublish(topic, false) && "publish", access.maySubscribe(topic) && "subscribe"];
      return [role, may.filter((verb) => verb !== false)] as const;
    });
    expect(acl).toEqual(Object.fromEntries(allowed.filter(([, may]) => may.length > 0)));
  }
});

describe.for(TOPICS)("the payload of %s", (topic) => {
  const { payload, examples } = messageOf(topic);
  const fits = ajv.compile(payload);
  const isTaken = (message: unknown) => POD_TOPICS[topic].payload.safeParse(message).success;

  test("has examples, which keep to both schemas and say nothing besides", () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const { payload: example } of examples) {
      expect(fits(example) || fits.errors).toBe(true);
      expect(POD_TOPICS[topic].payload.strict().parse(example)).toEqual(example);
    }
  });

  test("has a description of each field", () => {
    expect(undescribed(payload as Schema)).toEqual([]);
  });

  test("is taken and refused by both schemas alike", () => {
    const messages = examples.flatMap(({ payload: example }) => spoiltCopies(example));
    const verdicts = messages.map((message) => ({ message, fits: fits(message), taken: isTaken(message) }));
    expect(verdicts.filter((verdict) => verdict.fits !== verdict.taken)).toEqual([]);
    expect(new Set(verdicts.map(({ taken }) => taken))).toEqual(new Set([true, false]));
  });
});

test("a trace that is none spoils no message, though nobody should send one", () => {
  const [example] = messageOf("down/command").examples;
  const message = { ...example?.payload, traceparent: 1 };
  expect(POD_TOPICS["down/command"].payload.safeParse(message).success).toBe(true);
  expect(ajv.validate(messageOf("down/command").payload, message)).toBe(false);
});

const TEXTS = ["", "word", "a b", "x".repeat(33), "x".repeat(64), "x".repeat(65), "x".repeat(201), "wood", "24:00:00"];
const TIMES = ["23:59:59", "2026-03-01", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00+01:00", "2026-02-29T00:00:00Z"];
const NUMBERS = [-200, -1, 0, 1, 1.5, 4, 10_001, 86_400, 86_401];
const OTHERS = [true, null, [], {}, ["wood"], ["rose"], { wood: 1 }, { wood: -1 }, { rose: 1 }, undefined];
const SPOILS: readonly unknown[] = [...TEXTS, ...TIMES, ...NUMBERS, ...OTHERS];

/** The message without and with more, and with each of its fields spoilt in every way. */
function spoiltCopies(message: Part): unknown[] {
  const fields = Object.keys(message).filter((name) => name !== "traceparent");
  const spoilt = fields.flatMap((name) => SPOILS.map((value) => asSent({ ...message, [name]: value })));
  return [message, { ...message, more: 1 }, ...spoilt, {}, [], null, "text", 1];
}

/** What is `undefined` is not sent. */
const asSent = (message: Part): unknown => JSON.parse(JSON.stringify(message));

type Schema = { description?: string; properties?: Record<string, Schema>; anyOf?: Schema[] };

function undescribed({ properties = {}, anyOf = [] }: Schema, path = ""): string[] {
  const own = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description ? [] : [path + name]),
    ...undescribed(field, `${path}${name}.`),
  ]);
  return [...own, ...anyOf.flatMap((one) => undescribed(one, path))];
}

import { expect, test } from "vitest";
import { keepRetained } from "../../device-db/retained.ts";

type Packet = { topic: string; payload: string };

async function open(...topics: string[]) {
  const retained = keepRetained();
  for (const topic of topics) await retained.storeRetained({ topic, payload: topic });
  return {
    retained,
    found: async (...filters: string[]) =>
      (await retained.createRetainedStreamCombi(filters).toArray()).map((packet: Packet) => packet.topic),
  };
}

test.for<[filter: string, found: string[]]>([
  ["a/b/c", ["a/b/c"]],
  ["a/+/c", ["a/b/c", "a/d/c"]],
  ["a/#", ["a", "a/b", "a/b/c", "a/d/c"]],
  ["+", ["a"]],
  ["+/b", ["a/b"]],
  ["a/+", ["a/b"]],
  ["#", ["a", "a/b", "a/b/c", "a/d/c"]],
  ["$SYS/#", ["$SYS/x"]],
  ["+/x", []],
  ["a/b/c/d", []],
  ["nothing", []],
])("%s finds what MQTT says", async ([filter, topics]) => {
  const { found } = await open("a", "a/b", "a/b/c", "a/d/c", "$SYS/x");
  expect(await found(filter)).toEqual(topics);
});

test("the last message of a topic counts, and an empty one takes it away", async () => {
  const { retained, found } = await open("a", "b");
  await retained.storeRetained({ topic: "a", payload: "newer" });
  expect(await retained.createRetainedStream("a").toArray()).toEqual([{ topic: "a", payload: "newer" }]);
  await retained.storeRetained({ topic: "a", payload: "" });
  expect(await found("a", "b")).toEqual(["b"]);
});

test("a message that changes after it was kept changes nothing", async () => {
  const { retained } = await open();
  const packet = { topic: "a", payload: "before" };
  await retained.storeRetained(packet);
  packet.payload = "after";
  expect(await retained.createRetainedStream("a").toArray()).toEqual([{ topic: "a", payload: "before" }]);
});

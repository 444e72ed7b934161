import { expect, onTestFinished } from "vitest";
import { type LeanAccount, LeanMqtt } from "../../plumbing/lean-mqtt.ts";
import { eventually } from "./eventually.ts";
import { openLogBook } from "./log-book.ts";
import { openScriptedBroker, usualAnswer } from "./scripted-broker.ts";

const ACCOUNT = { clientId: "c", username: "c", password: "first" };

type Account = Partial<LeanAccount> & { url: string };

/** A client that hears topic `a`, says `hello` to topic `up` at each connection and has `lost` as its will. */
export function openLeanClient(account: Account, listen: (payload: unknown) => void = () => undefined) {
  const { log, lines } = openLogBook();
  const heard: unknown[] = [];
  const client: LeanMqtt = new LeanMqtt({
    account: { ...ACCOUNT, ...account },
    hears: ["a"],
    will: () => ({ topic: "up", payload: "lost" }),
    onConnect: () => client.publish("up", "hello"),
    onMessage(topic, payload) {
      listen(payload);
      heard.push([topic, payload]);
    },
    onClose: () => heard.push("closed"),
    log,
  });
  onTestFinished(() => client.close());
  return {
    client,
    heard,
    connected: () => eventually(() => expect(client.connected()).toBe(true)),
    /** Why there was no connection, in order. */
    reasons: () => lines.flatMap(({ reason }) => (typeof reason === "string" ? [reason] : [])),
  };
}

/** A broker that ends with the test. */
export async function openScripted(answer = usualAnswer) {
  const broker = await openScriptedBroker(answer);
  onTestFinished(() => broker[Symbol.asyncDispose]());
  return broker;
}

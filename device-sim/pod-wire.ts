import type { Clock } from "../plumbing/clock.ts";
import { LeanMqtt } from "../plumbing/lean-mqtt.ts";
import type { Log } from "../plumbing/log.ts";
import type { Will } from "../plumbing/mqtt-stream.ts";
import type { Message, Tools } from "./behaviours/behaviour.ts";
import type { PodAccount } from "./config.ts";
import { type PodTopic, podTopic } from "./contract.ts";
import { type FaultLine, type Faults, NO_FAULTS, openFaultLine } from "./faults.ts";

export type Account = PodAccount & { broker: { url: string; ca: string | undefined } };

type Deps = {
  clock: Clock;
  log: Log;
  /** A message goes out or has come in. */
  messaged: (() => void) | undefined;
};

type Ears = {
  will: () => Will;
  onConnect: () => void;
  onHear: (message: Message) => void;
  onClose: () => void;
};

/** A pod's connection to the broker, and the behaviours that stand between it and the pod. */
export class PodWire {
  readonly #serial: string;
  readonly #deps: Deps;
  readonly #ears: Ears;
  readonly #mqtt: LeanMqtt;
  /** Only where a behaviour was put on. */
  #line: FaultLine | undefined;
  #hasPower = true;
  #isOffline = false;

  constructor({ serial, broker, ...secrets }: Account, ears: Ears, deps: Deps) {
    this.#serial = serial;
    this.#deps = deps;
    this.#ears = ears;
    const [commands, acks] = [podTopic(serial, "down/command"), podTopic(serial, "down/event-ack")];
    this.#mqtt = new LeanMqtt({
      account: { ...broker, clientId: serial, username: serial, ...secrets },
      hears: [commands, acks],
      will: ears.will,
      onConnect: ears.onConnect,
      onClose: ears.onClose,
      onMessage: (topic, payload) =>
        this.#hear({ name: topic === acks ? "down/event-ack" : "down/command", payload, retain: false }),
      log: deps.log,
    });
  }

  connected(): boolean {
    return this.#mqtt.connected();
  }

  /** A pod that is disabled at the broker is refused. */
  refused(): boolean {
    return this.#mqtt.refused();
  }

  trouble(): string | undefined {
    return this.#mqtt.trouble();
  }

  say(name: PodTopic, payload: unknown, retain = false): void {
    if (this.#line) this.#line.say({ name, payload, retain });
    else this.#send({ name, payload, retain });
  }

  /** The connection breaks, and comes back by itself. */
  cut(): void {
    this.#mqtt.cut();
  }

  hasPower(): boolean {
    return this.#hasPower;
  }

  /** Without power there is no connection, and nothing that a behaviour held back is heard any more. */
  power(isOn: boolean): void {
    this.#hasPower = isOn;
    this.#hold();
  }

  faults(): Faults {
    return this.#line?.worn() ?? NO_FAULTS;
  }

  /** Takes off the behaviours that were on. */
  putOn(faults: Faults, tools: Pick<Tools, "reboot" | "skew" | "fill">): void {
    this.#line ??= openFaultLine({
      serial: this.#serial,
      clock: this.#deps.clock,
      say: (message) => this.#send(message),
      hear: (message) => this.#hasPower && this.#ears.onHear(message),
      tools: { ...tools, cut: () => this.cut(), hold: (isHeld) => this.#goOffline(isHeld) },
    });
    this.#line.put(faults);
  }

  /** Whatever behaviours are on, the last word is said. */
  async close(name: PodTopic, lastWord: unknown): Promise<void> {
    this.#line?.close();
    this.#send({ name, payload: lastWord, retain: true });
    await this.#mqtt.close();
  }

  #goOffline(isOffline: boolean): void {
    this.#isOffline = isOffline;
    this.#hold();
  }

  #hold(): void {
    this.#mqtt.hold(this.#isOffline || !this.#hasPower);
  }

  #hear(message: Message): void {
    this.#deps.messaged?.();
    if (this.#line) this.#line.hear(message);
    else this.#ears.onHear(message);
  }

  #send({ name, payload, retain }: Message): void {
    this.#deps.messaged?.();
    this.#mqtt.publish(podTopic(this.#serial, name), payload, retain);
  }
}

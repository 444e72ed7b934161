import type { Duplex } from "node:stream";
import { retryAfterMs } from "./back-off.ts";
import { parseJson } from "./json.ts";
import type { Log } from "./log.ts";
import type { MqttAccount } from "./mqtt.ts";
import {
  bytesOf,
  connectPacket,
  openStream,
  type Packet,
  REFUSALS,
  takePackets,
  type Will,
  WRONG_CREDENTIALS,
} from "./mqtt-stream.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const KEEPALIVE_S = 30;
const CLOSE_GRACE_MS = 2_000;
const MAX_PACKET_BYTES = 256 * 1024;

const NOT_GRANTED = 128;

/** `newPassword` is asked for after the broker refused the one before, which may have been changed meanwhile. */
export type LeanAccount = MqttAccount & { newPassword?: (() => string) | undefined };

type Options = {
  account: LeanAccount;
  /** What is subscribed after each connection. */
  hears: readonly string[];
  /** Made for each connection anew. */
  will: () => Will;
  /** Called after each connection, once all subscriptions are granted. */
  onConnect: () => void;
  onClose: () => void;
  /** `undefined` stands for a payload that is no JSON. */
  onMessage: (topic: string, payload: unknown) => void;
  log: Log;
};

/**
 * An MQTT 3.1.1 connection that comes back by itself, as `connectMqtt` makes, at a third of its memory: for thousands in
 * one process, which is also why this is a class. QoS 1 everywhere, no session at the broker, JSON payloads.
 */
export class LeanMqtt {
  readonly #options: Options;
  #stream: Duplex | undefined;
  /** Ends the wait for an answer, for the next ping or for the next try: there is one of these at a time. */
  #timer: NodeJS.Timeout | undefined;
  /** The beginning of a packet whose end is not here yet. */
  #rest: Buffer | undefined;
  #state: "away" | "greeting" | "in" | "ready" = "away";
  #password: string;
  #isRefused = false;
  #isHeard = false;
  #isHeld = false;
  #isClosing = false;
  #tries = 0;
  #lastId = 0;
  #failure = "no answer";
  #told: string | undefined;
  /** The last publish, until the broker has it. */
  #underWay: number | undefined;
  #onAcknowledged: (() => void) | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#password = options.account.password;
    this.#open();
  }

  connected(): boolean {
    return this.#state === "ready";
  }

  /** Whether the broker did not take the last user name and password. */
  refused(): boolean {
    return this.#isRefused;
  }

  /** Why there is no connection, until there is one. */
  trouble(): string | undefined {
    return this.#told;
  }

  /** Sends now if connected; otherwise the message is dropped, as nothing may rely on the broker's memory. */
  publish(topic: string, payload: unknown, retain = false): void {
    if (!this.#isIn() || this.#isClosing) return;
    const bytes = payload instanceof Uint8Array ? Buffer.from(payload) : JSON.stringify(payload);
    this.#underWay = this.#nextId();
    this.#send({ cmd: "publish", topic, payload: bytes, qos: 1, retain, dup: false, messageId: this.#underWay });
  }

  /** Ends the connection without a word, as a broken network does; it comes back by itself. */
  cut(): void {
    this.#stream?.destroy();
  }

  /** As long as it is held there is no connection. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (isHeld) clearTimeout(this.#timer);
    if (isHeld) this.cut();
    else if (!this.#stream && !this.#isClosing) this.#open();
  }

  /** What was published before still leaves, if the broker takes it within a moment. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const stream = this.#stream;
    if (!stream) return;
    const gone = new Promise<void>((resolve) => stream.once("close", resolve));
    if (this.#isIn()) {
      this.#timer = setTimeout(() => stream.destroy(), CLOSE_GRACE_MS);
      this.#onAcknowledged = () => stream.end(bytesOf({ cmd: "disconnect" }));
      if (this.#underWay === undefined) this.#onAcknowledged();
    } else stream.destroy();
    await gone;
    clearTimeout(this.#timer);
  }

  #open(): void {
    const stream = openStream(this.#options.account);
    this.#stream = stream;
    this.#state = "greeting";
    this.#failure = "no answer";
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    stream.on("error", (error: Error & { code?: unknown }) => {
      // When all addresses of a name refuse, the error has no message of its own.
      this.#failure = error.message || String(error.code);
    });
    stream.on("close", () => this.#closed());
    this.#wait(CONNECT_TIMEOUT_MS, () => stream.destroy());
    this.#greet();
  }

  #greet(): void {
    const who = { ...this.#options.account, password: this.#password };
    this.#send(connectPacket(who, { will: this.#options.will(), keepaliveS: KEEPALIVE_S }));
  }

  #receive(chunk: Buffer): void {
    this.#isHeard = true;
    try {
      const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
      this.#rest = takePackets(bytes, MAX_PACKET_BYTES, (packet) => this.#stream?.destroyed || this.#take(packet));
    } catch (error) {
      this.#stream?.destroy(error as Error);
    }
  }

  #take(packet: Packet): void {
    if (packet.cmd === "publish") {
      if (packet.qos === 1) this.#send({ cmd: "puback", messageId: packet.messageId ?? 0 });
      this.#tell(() => this.#options.onMessage(packet.topic, parseJson(packet.payload as Buffer)));
    }
    if (packet.cmd === "connack") this.#greeted(packet.returnCode ?? 0);
    if (packet.cmd === "suback") this.#granted(packet.granted.every((code) => code !== NOT_GRANTED));
    if (packet.cmd === "puback" && packet.messageId === this.#underWay) this.#acknowledged();
  }

  #acknowledged(): void {
    this.#underWay = undefined;
    this.#onAcknowledged?.();
  }

  #greeted(code: number): void {
    if (this.#state !== "greeting") return;
    const { account, hears } = this.#options;
    this.#isRefused = WRONG_CREDENTIALS.includes(code);
    if (this.#isRefused) this.#password = account.newPassword?.() ?? account.password;
    if (code !== 0) return this.#fail(REFUSALS[code] ?? `refused with code ${String(code)}`);
    this.#state = "in";
    const subscriptions = hears.map((topic) => ({ topic, qos: 1 as const }));
    this.#send({ cmd: "subscribe", messageId: this.#nextId(), subscriptions });
  }

  #granted(isGranted: boolean): void {
    if (this.#state !== "in" || this.#isClosing) return;
    // What nobody hears is no connection: it is given up and tried again.
    if (!isGranted) return this.#fail("a subscription is not granted");
    this.#state = "ready";
    this.#tries = 0;
    this.#told = undefined;
    this.#failure = "the connection ended";
    this.#options.log.info({ clientId: this.#options.account.clientId }, "broker connected");
    this.#wait(KEEPALIVE_S * 1_000, () => this.#keepAlive());
    this.#tell(this.#options.onConnect);
  }

  #keepAlive(): void {
    if (!this.#isHeard) return this.#fail("no answer");
    this.#isHeard = false;
    this.#send({ cmd: "pingreq" });
    this.#wait(KEEPALIVE_S * 1_000, () => this.#keepAlive());
  }

  #closed(): void {
    this.#stream = undefined;
    this.#rest = undefined;
    this.#underWay = undefined;
    this.#state = "away";
    clearTimeout(this.#timer);
    if (this.#isClosing) return;
    this.#options.onClose();
    if (this.#isHeld) return;
    this.#complain();
    this.#wait(retryAfterMs(this.#tries++), () => this.#open());
  }

  /** Whatever goes wrong there is no fault of the connection, or of the broker. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch (err) {
      this.#options.log.error({ err, clientId: this.#options.account.clientId }, "message not taken in");
    }
  }

  /** Why there is no connection, once for each reason until there is one. */
  #complain(): void {
    const { url: broker, clientId } = this.#options.account;
    const reason = this.#failure;
    if (reason !== this.#told) this.#options.log.warn({ clientId, broker, reason }, "broker connection failed");
    this.#told = reason;
  }

  #fail(reason: string): void {
    this.#stream?.destroy(new Error(reason));
  }

  #isIn(): boolean {
    return this.#state === "in" || this.#state === "ready";
  }

  #send(packet: Packet): void {
    if (this.#stream?.writable) this.#stream.write(bytesOf(packet));
  }

  #nextId(): number {
    return (this.#lastId = (this.#lastId % 65_535) + 1);
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

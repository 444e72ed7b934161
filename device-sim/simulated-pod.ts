import { isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import { LeanMqtt } from "../plumbing/lean-mqtt.ts";
import { seedOf } from "../plumbing/random.ts";
import type { Message } from "./behaviours/behaviour.ts";
import type { PodAccount } from "./config.ts";
import {
  commandSchema,
  type DeviceEvent,
  eventAckSchema,
  type PodStatus,
  type PodTopic,
  podTopic,
  type Reply,
} from "./contract.ts";
import { type EventOutbox, openEventOutbox } from "./event-outbox.ts";
import { type FaultLine, type Faults, NO_FAULTS, openFaultLine } from "./faults.ts";
import type { PodView } from "./hand-contract.ts";
import { fill, type Pod, type Verdict } from "./pod.ts";
import { type LifeDeps, openPodLife, type PodLife } from "./pod-life.ts";
import { FIRMWARE, gistOf, stateOf } from "./pod-state.ts";

type Account = PodAccount & { broker: { url: string; ca: string | undefined } };

export type PodDeps = LifeDeps & {
  /** Has to end before the store is closed. */
  track: (work: Promise<unknown>) => void;
  watch: PodWatch;
};

/** Who wants to know what pods do. */
export type PodWatch = {
  /** Something can be seen: of the pod, its connection or its faults. */
  changed: (serial: string) => void;
  /** A message goes out or has come in. */
  messaged?: () => void;
  /** An event is on disk. */
  made?: (event: DeviceEvent) => void;
  /** An event was acknowledged after so many milliseconds. */
  acknowledged?: (waitedMs: number) => void;
};

const STRONGEST_DBM = -42;
const SIGNAL_RANGE_DB = 30;

/**
 * One registered AromaPod Pro on the wire: answers commands, and reports each event until it is acknowledged. A class,
 * as there may be thousands.
 */
export class SimulatedPod {
  readonly serial: string;
  readonly #deps: PodDeps;
  readonly #mqtt: LeanMqtt;
  readonly #life: PodLife;
  #outbox: EventOutbox;
  /** Only where a behaviour was put on. */
  #line: FaultLine | undefined;
  #bootedAt: number;
  #reported = "";

  constructor({ serial, broker, ...secrets }: Account, deps: PodDeps) {
    this.serial = serial;
    this.#deps = deps;
    this.#bootedAt = deps.clock.now();
    this.#life = openPodLife(
      { serial, onEvents: (events) => this.#report(events), onChange: (pod) => this.#changed(pod) },
      deps,
    );
    this.#outbox = this.#openOutbox();
    const [commands, acks] = [podTopic(serial, "down/command"), podTopic(serial, "down/event-ack")];
    this.#mqtt = new LeanMqtt({
      account: { ...broker, clientId: serial, username: serial, ...secrets },
      hears: [commands, acks],
      will: () => ({ topic: podTopic(serial, "up/status"), payload: this.#status("lost") }),
      onConnect: () => this.#introduce(),
      onMessage: (topic, payload) =>
        this.#receive({ name: topic === acks ? "down/event-ack" : "down/command", payload, retain: false }),
      onClose: () => deps.watch.changed(serial),
      log: deps.log,
    });
    this.#life.rest();
  }

  connected(): boolean {
    return this.#mqtt.connected();
  }

  /** A pod that is disabled at the broker is refused. */
  refused(): boolean {
    return this.#mqtt.refused();
  }

  view(): PodView {
    const { words, seed } = this.#line?.worn() ?? NO_FAULTS;
    const pod = this.#life.pod();
    return {
      serial: this.serial,
      connected: this.connected(),
      state: this.#state(pod),
      faults: [...words],
      seed,
      unacked: this.#outbox.size(),
    };
  }

  /** What hands do to the pod itself. */
  handle(act: (pod: Pod) => Verdict): Promise<Verdict> {
    const done = this.#life.handle(act);
    this.#deps.track(done);
    return done;
  }

  /** Takes off the behaviours that were on. */
  putOn(faults: Faults): void {
    this.#line ??= this.#openLine();
    this.#line.put(faults);
    this.#deps.watch.changed(this.serial);
    // What was held back may be lost now.
    if (this.connected()) this.#introduce();
  }

  /** The store may be closed afterwards: nothing is carried out any more. */
  async close(): Promise<void> {
    this.#line?.close();
    this.#outbox.stop();
    this.#life.stop();
    this.#send({ name: "up/status", payload: this.#status("offline"), retain: true });
    await this.#mqtt.close();
  }

  #introduce(): void {
    this.#say("up/status", this.#status("online"), true);
    this.#sayState(this.#life.pod());
    this.#outbox.startOver();
    this.#deps.watch.changed(this.serial);
  }

  #receive(message: Message): void {
    this.#deps.watch.messaged?.();
    if (this.#line) this.#line.hear(message);
    else this.#hear(message);
  }

  #hear({ name, payload }: Message): void {
    if (name === "down/command") this.#command(payload);
    else this.#acknowledged(payload);
  }

  #command(payload: unknown): void {
    const { log, track } = this.#deps;
    const { serial } = this;
    const command = commandSchema.safeParse(payload);
    if (!command.success) return log.warn({ serial }, "unreadable command ignored");
    failpoint("pod.received");
    const { id: commandId } = command.data;
    const done = this.#life.obey(command.data).then(
      ({ outcome, reason }) => {
        const reply: Reply = {
          commandId,
          outcome,
          ...(reason ? { reason } : {}),
          at: isoTime(this.#life.clock.wallNow()),
        };
        this.#say("up/reply", reply);
        if (outcome === "accepted") log.info({ serial, commandId, action: command.data.action }, "command carried out");
      },
      (err: unknown) => log.error({ err, serial }, "command not carried out"),
    );
    track(done);
  }

  #acknowledged(payload: unknown): void {
    const { store, log, watch } = this.#deps;
    const { serial } = this;
    const ack = eventAckSchema.safeParse(payload);
    const waitedMs = ack.success ? this.#outbox.acknowledge(ack.data.eventId) : undefined;
    if (!ack.success || waitedMs === undefined) return;
    watch.acknowledged?.(waitedMs);
    store.acknowledge(serial, ack.data.eventId).catch((err: unknown) => log.error({ err, serial }, "ack not kept"));
  }

  #report(events: readonly DeviceEvent[]): void {
    for (const event of events) {
      this.#deps.watch.made?.(event);
      this.#outbox.add(event);
    }
    failpoint("pod.acted");
  }

  #changed(pod: Pod): void {
    if (gistOf(pod) !== this.#reported) this.#sayState(pod);
    this.#deps.watch.changed(this.serial);
  }

  #sayState(pod: Pod): void {
    this.#reported = gistOf(pod);
    this.#say("up/state", this.#state(pod), true);
  }

  #state(pod: Pod) {
    const rssi = STRONGEST_DBM - (seedOf(this.serial) % SIGNAL_RANGE_DB);
    const vitals = {
      now: this.#life.clock.wallNow(),
      virtualNow: this.#life.clock.virtualNow(),
      bootedAt: this.#bootedAt,
      rssi,
    };
    return stateOf(pod, vitals);
  }

  #status(state: PodStatus["state"]): PodStatus {
    return { state, firmware: FIRMWARE, at: isoTime(this.#life.clock.wallNow()) };
  }

  #say(name: PodTopic, payload: unknown, retain = false): void {
    if (this.#line) this.#line.say({ name, payload, retain });
    else this.#send({ name, payload, retain });
  }

  #send({ name, payload, retain }: Message): void {
    this.#deps.watch.messaged?.();
    this.#mqtt.publish(podTopic(this.serial, name), payload, retain);
  }

  #openOutbox(): EventOutbox {
    return openEventOutbox(this.#deps.store.unackedEvents(this.serial), (event) => this.#say("up/event", event));
  }

  #openLine(): FaultLine {
    const { clock, log, track } = this.#deps;
    const { serial } = this;
    return openFaultLine({
      serial,
      clock,
      say: (message) => this.#send(message),
      hear: (message) => this.#hear(message),
      tools: {
        cut: () => this.#mqtt.cut(),
        hold: (isHeld) => this.#mqtt.hold(isHeld),
        reboot: () => this.#reboot(),
        skew: (ms) => {
          this.#life.clock.skew(ms);
          this.#life.rest();
        },
        fill: (scent, ml) =>
          track(
            this.handle((pod) => ({ outcome: "accepted", effect: { pod: fill(pod, scent, ml), events: [] } })).catch(
              (err: unknown) => log.error({ err, serial }, "capsule not changed"),
            ),
          ),
      },
    });
  }

  /** Power off and on: what is in memory is gone. */
  #reboot(): void {
    this.#outbox.stop();
    this.#mqtt.cut();
    this.#bootedAt = this.#deps.clock.now();
    this.#outbox = this.#openOutbox();
  }
}

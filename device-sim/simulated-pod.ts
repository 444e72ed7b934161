import { setImmediate as nextTurn } from "node:timers/promises";
import { isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Message } from "./behaviours/behaviour.ts";
import { CAPSULE_ML } from "./capsules.ts";
import {
  commandSchema,
  type DeviceEvent,
  eventAckSchema,
  type PodStatus,
  podTopic,
  type Reply,
  type Scent,
} from "./contract.ts";
import { type EventOutbox, openEventOutbox } from "./event-outbox.ts";
import type { Faults } from "./faults.ts";
import type { PodView } from "./hand-contract.ts";
import { byHand, fill, type Pod, type Verdict } from "./pod.ts";
import { type LifeDeps, openPodLife, type PodLife } from "./pod-life.ts";
import { FIRMWARE, gistOf, stateOf } from "./pod-state.ts";
import { type Account, PodWire } from "./pod-wire.ts";

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

/**
 * One registered AromaPod Pro on the wire: answers commands, and reports each event until it is acknowledged. A class,
 * as there may be thousands.
 */
export class SimulatedPod {
  readonly serial: string;
  readonly #deps: PodDeps;
  readonly #wire: PodWire;
  readonly #life: PodLife;
  #outbox: EventOutbox;
  #bootedAt: number;
  #reported = "";

  constructor(account: Account, deps: PodDeps) {
    const { serial } = account;
    this.serial = serial;
    this.#deps = deps;
    this.#bootedAt = deps.clock.now();
    this.#life = openPodLife(
      { serial, onEvents: (events) => this.#report(events), onChange: (pod) => this.#changed(pod) },
      deps,
    );
    this.#outbox = this.#openOutbox();
    const ears = {
      will: () => ({ topic: podTopic(serial, "up/status"), payload: this.#status("lost") }),
      onConnect: () => this.#introduce(),
      onHear: (message: Message) => this.#hear(message),
      onClose: () => deps.watch.changed(serial),
    };
    this.#wire = new PodWire(account, ears, { ...deps, messaged: deps.watch.messaged });
    deps.track(this.#life.start());
  }

  connected(): boolean {
    return this.#wire.connected();
  }

  /** A pod that is disabled at the broker is refused. */
  refused(): boolean {
    return this.#wire.refused();
  }

  /** Why there is no connection, as far as that was told. */
  trouble(): string | undefined {
    return this.#wire.trouble();
  }

  /** Events that wait for their acknowledgement. */
  unacked(): number {
    return this.#outbox.size();
  }

  hasPower(): boolean {
    return this.#wire.hasPower();
  }

  /** Without power it is gone without a word; with power it starts anew, from what is on disk. */
  power(isOn: boolean): void {
    if (isOn === this.hasPower()) return;
    this.#wire.power(isOn);
    this.#outbox.stop();
    this.#life.stop();
    if (isOn) this.#boot();
  }

  /** The connection breaks, and comes back by itself. */
  cut(): void {
    this.#wire.cut();
  }

  view(): PodView {
    const { words, seed } = this.#wire.faults();
    const pod = this.#life.pod();
    return {
      serial: this.serial,
      connected: this.connected(),
      state: this.#state(pod),
      capsuleMl: CAPSULE_ML,
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

  /** Takes off the behaviours that were on; resolves when what hands have to do for that is done. */
  async putOn(faults: Faults): Promise<void> {
    const underWay: Promise<unknown>[] = [];
    this.#wire.putOn(faults, this.#tools(underWay));
    this.#deps.watch.changed(this.serial);
    // What was held back may be lost now.
    if (this.connected()) this.#introduce();
    await Promise.all(underWay);
    // A connection that was cut is known as such only then.
    await nextTurn();
  }

  /** The store may be closed afterwards: nothing is carried out any more. */
  async close(): Promise<void> {
    this.#outbox.stop();
    this.#life.stop();
    await this.#wire.close("up/status", this.#status("offline"));
  }

  #introduce(): void {
    this.#wire.say("up/status", this.#status("online"), true);
    this.#sayState(this.#life.pod());
    this.#outbox.startOver();
    this.#deps.watch.changed(this.serial);
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
        this.#wire.say("up/reply", reply);
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
    const gist = gistOf(pod);
    if (gist !== this.#reported) this.#sayState(pod, gist);
    this.#deps.watch.changed(this.serial);
  }

  #sayState(pod: Pod, gist = gistOf(pod)): void {
    this.#reported = gist;
    this.#wire.say("up/state", this.#state(pod), true);
  }

  #state(pod: Pod) {
    const { wallNow, virtualNow } = this.#life.clock;
    const uptimeMs = this.#deps.clock.now() - this.#bootedAt;
    return stateOf(pod, { serial: this.serial, now: wallNow(), virtualNow: virtualNow(), uptimeMs });
  }

  #status(state: PodStatus["state"]): PodStatus {
    return { state, firmware: FIRMWARE, at: isoTime(this.#life.clock.wallNow()) };
  }

  #openOutbox(): EventOutbox {
    return openEventOutbox(this.#deps.store.unackedEvents(this.serial), (event) => this.#wire.say("up/event", event));
  }

  /** What is in memory is gone. */
  #boot(): void {
    this.#bootedAt = this.#deps.clock.now();
    this.#outbox = this.#openOutbox();
    this.#deps.track(this.#life.start());
  }

  #tools(underWay: Promise<unknown>[]) {
    return {
      reboot: () => {
        this.#outbox.stop();
        this.#wire.cut();
        this.#boot();
      },
      skew: this.#life.clock.skew,
      fill: (scent: Scent, ml: number | null) => void underWay.push(this.handle((pod) => byHand(fill(pod, scent, ml)))),
    };
  }
}

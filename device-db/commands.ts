import { randomUUIDv7 } from "node:crypto";
import { type Command, endOf, podTopic, type Reply } from "../device-sim/contract.ts";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { Log } from "../plumbing/log.ts";
import { createRepeater } from "../plumbing/repeater.ts";
import { traceparentOf } from "../plumbing/trace.ts";
import type { Broker } from "./broker.ts";
import type { OperatorCommand } from "./command-store.ts";
import type { CommandView, Device, NewCommand } from "./contract.ts";
import type { FlowStore } from "./flow-store.ts";
import type { DeviceDbStore } from "./store.ts";
import { NO_ANSWER } from "./twin.ts";
import type { Twins } from "./twins.ts";

type Deps = {
  store: Pick<DeviceDbStore, "commands" | "registry" | "flow">;
  twins: Pick<Twins, "asked">;
  broker: Pick<Broker, "publish" | "onConnect">;
  clock: Clock;
  log: Log;
};

export type Commands = ReturnType<typeof startCommands>;

/** Commands of operators: each is on disk first, then published again and again until its pod replies or its time is up. */
export function startCommands({ store, twins, broker, clock, log }: Deps) {
  const tell = tellFlow(store.flow);
  const repeater = createRepeater({ send, onExpired, clock });

  /** @throws {HttpError} 409 for a disabled device */
  async function issue(device: Device, wanted: NewCommand): Promise<CommandView> {
    if (!device.enabled) throw new HttpError(409, `The device "${device.serial}" is disabled.`);
    const command = newCommand(device, wanted, clock.now());
    await store.commands.add(command);
    tell.issued(command);
    begin(command);
    return { id: command.id, source: "operator", state: "pending", reason: null };
  }

  function begin(command: OperatorCommand): void {
    twins.asked(command.serial, messageOf(command, command.expiresAt - clock.now()), "operator");
    repeater.begin(command);
  }

  function send(command: OperatorCommand, leftMs: number): void {
    const { serial } = command;
    if (store.registry.isEnabled(serial)) broker.publish(podTopic(serial, "down/command"), messageOf(command, leftMs));
  }

  function onExpired(command: OperatorCommand): void {
    settle(command, "expired", NO_ANSWER);
  }

  function settle({ id, serial }: OperatorCommand, end: ReturnType<typeof endOf>, reason: string | null): void {
    repeater.end(id);
    const settled = store.commands.settle(id, end, reason).then((isNews) => {
      if (!isNews) return;
      if (end === "expired") tell.expired(id, clock.now());
      log.info({ serial, commandId: id, reason }, `command ${end}`);
    });
    settled.catch((err: unknown) => log.error({ err, commandId: id }, "command outcome not kept"));
  }

  /** The pod's word on a command of its own, or an event that came of it; a late one still counts. */
  function replied(serial: string, { commandId, outcome, reason }: Omit<Reply, "at">): void {
    const command = repeater.find(commandId) ?? store.commands.find(commandId);
    if (command?.serial === serial) settle(command, endOf(outcome), reason ?? null);
  }

  for (const command of store.commands.listOpen()) begin(command);
  broker.onConnect(repeater.beginAllAgain);
  return { issue, replied, close: repeater.close };
}

/** How a command of an operator goes, for people; what the pod says of it has hops of its own. */
function tellFlow(flow: Pick<FlowStore, "addHop" | "addHops">) {
  return {
    issued({ id, serial, payload, issuedAt }: OperatorCommand): void {
      const { action, scent, traceparent = null } = payload;
      const start = { id, serial, state: "command", scent: scent ?? null, commandId: id, traceparent } as const;
      const detail = `by an operator: ${[action, scent].join(" ").trim()}`;
      const hop = { at: issuedAt, part: "device database", name: "command issued", ok: true, detail, payload } as const;
      flow.addHops(start, [hop]);
    },
    expired(id: string, at: number): void {
      flow.addHop(id, { at, part: "device database", name: "command expired", ok: false, detail: NO_ANSWER });
    },
  };
}

function newCommand({ serial, timeZone }: Device, wanted: NewCommand, issuedAt: number): OperatorCommand {
  const { action, scent, startTime, endTime, ttlS } = wanted;
  const id = randomUUIDv7();
  const payload = {
    action,
    ...(scent === undefined ? {} : { scent }),
    ...(startTime === undefined || endTime === undefined ? {} : { startTime, endTime, timeZone }),
    ...(wanted.timeZone === undefined ? {} : { timeZone: wanted.timeZone }),
    traceparent: traceparentOf(id),
  };
  return { id, serial, payload, issuedAt, expiresAt: issuedAt + ttlS * 1_000 };
}

function messageOf({ id, payload, issuedAt }: OperatorCommand, leftMs: number): Command {
  return { id, ...payload, issuedAt: isoTime(issuedAt), ttlS: leftMs / 1_000 };
}

import type { Command, DeviceEvent, PodState, PodStatus, Reply } from "../device-sim/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { CommandView, DeviceView } from "./contract.ts";
import type { RegisteredDevice } from "./registry-store.ts";
import {
  afterCommand,
  afterEvent,
  afterReply,
  afterRestart,
  afterState,
  afterStatus,
  NOTHING_KNOWN,
  type Twin,
  viewOf,
} from "./twin.ts";
import type { TwinStore } from "./twin-store.ts";

const SAVE_AFTER_MS = 1_000;
/** The repeats of a command are no news; more than these are hardly open at once. */
const REMEMBERED_COMMANDS = 32;

type Deps = { store: TwinStore; clock: Clock; log: Log };

export type Twins = ReturnType<typeof openTwins>;

/**
 * The twins of all devices. They are kept in memory, and written once a second for all that changed: what a crash takes
 * is said again. Only what registered devices say, or are asked for, may come here.
 */
export function openTwins({ store, clock, log }: Deps) {
  const twins = new Map(store.list().map(([serial, twin]) => [serial, afterRestart(twin)]));
  const isRepeated = rememberCommands();
  const { changed, close } = openSaving({ twins, store, clock, log });
  const find = (serial: string): Twin => twins.get(serial) ?? NOTHING_KNOWN;

  function keep(serial: string, twin: Twin): void {
    twins.set(serial, twin);
    changed(serial);
  }

  return {
    status: (serial: string, status: PodStatus): void => keep(serial, afterStatus(find(serial), status, clock.now())),

    state: (serial: string, state: PodState): void => {
      const twin = afterState(find(serial), state, clock.now());
      if (twin) keep(serial, twin);
      else log.warn({ serial }, "state ignored, it is too long");
    },

    replied: (serial: string, reply: Reply): void => keep(serial, afterReply(find(serial), reply, clock.now())),

    reported: (serial: string, event: DeviceEvent): void => keep(serial, afterEvent(find(serial), event, clock.now())),

    asked(serial: string, command: Command, source: CommandView["source"]): void {
      if (isRepeated(serial, command.id)) return;
      keep(serial, afterCommand(find(serial), command, { source, now: clock.now() }));
    },

    /** From now on the device is not listened to. */
    cutOff: (serial: string): void => keep(serial, { ...find(serial), status: "unknown" }),

    view: (device: RegisteredDevice): DeviceView => ({ ...device, ...viewOf(find(device.serial), clock.now()) }),

    close,
  };
}

/** Tells the repeats of the last commands of each device. */
function rememberCommands() {
  const known = new Map<string, Set<string>>();
  return (serial: string, id: string): boolean => {
    const ids = known.getOrInsertComputed(serial, () => new Set<string>());
    if (ids.has(id)) return true;
    const [oldest] = ids;
    if (ids.size >= REMEMBERED_COMMANDS && oldest !== undefined) ids.delete(oldest);
    ids.add(id);
    return false;
  };
}

/** Writes what changed, after a while and all together. */
function openSaving({ twins, store, clock, log }: Deps & { twins: ReadonlyMap<string, Twin> }) {
  const closing = new AbortController();
  const unsaved = new Set<string>();
  let saving: Promise<void> | undefined;

  function changed(serial: string): void {
    unsaved.add(serial);
    saving ??= clock.sleep(SAVE_AFTER_MS, closing.signal).then(save);
  }

  async function save(): Promise<void> {
    const serials = [...unsaved];
    unsaved.clear();
    saving = undefined;
    try {
      await store.save(serials.map((serial) => [serial, twins.get(serial) ?? NOTHING_KNOWN]));
    } catch (err) {
      log.warn({ err }, "what devices said is not kept yet");
      if (!closing.signal.aborted) for (const serial of serials) changed(serial);
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await saving;
  }

  return { changed, close };
}

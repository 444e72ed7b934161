import type { PodAccount } from "./config.ts";
import { type PodDeps, SimulatedPod } from "./simulated-pod.ts";

type Broker = { url: string; ca: string | undefined };

export type Pods = ReturnType<typeof openPods>;

/** The pods of one simulator, all in one store. */
export function openPods(broker: Broker, deps: Omit<PodDeps, "track">) {
  const pods = new Map<string, SimulatedPod>();
  const underWay = new Set<Promise<unknown>>();

  function track(work: Promise<unknown>): void {
    const done = work.catch(() => undefined).finally(() => underWay.delete(done));
    underWay.add(done);
  }

  return {
    /** It has to be registered in the store. */
    add: (account: PodAccount): void =>
      void pods.set(account.serial, new SimulatedPod({ ...account, broker }, { ...deps, track })),

    find: (serial: string) => pods.get(serial),
    all: (): readonly SimulatedPod[] => [...pods.values()],

    /** Afterwards the store may be closed. */
    async close(): Promise<void> {
      await Promise.all([...pods.values()].map((pod) => pod.close()));
      await Promise.all(underWay);
    },
  };
}

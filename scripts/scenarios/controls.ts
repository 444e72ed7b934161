/** What only who owns the kit may do: lay hands on the pod, order as the hotel, and let the ERP go wrong. */
import { type Hand, handOf } from "../hand.ts";
import { askKit } from "../kit-api.ts";
import { DEMO_DEVICE } from "../parts.ts";
import type { Step } from "./contract.ts";
import type { PlayKit } from "./kit.ts";
import { type Order, orderOf } from "./order.ts";

export type Controls = ReturnType<typeof createControls>;

/** An order that the pod was sent: its id, and the times that it came to. */
export type Ordered = { id: string; times?: Times };
type Times = { from: string; to: string; timeZone: string };

const { timeZone } = DEMO_DEVICE;

export function createControls(kit: PlayKit, serial: string, seed: number) {
  const { urls, secrets } = kit;
  const post = (url: string, body: unknown, key: string = secrets.operatorKey) =>
    askKit({ url, key, method: "POST", body });

  return {
    async pod(text: string): Promise<void> {
      const [what = "", ...words] = text.split(/\s+/);
      const { name, body } = handOf(what, words, { seed, timeZone }) as Hand;
      await post(`${urls.deviceSim}/api/pods/${serial}/${name}`, body);
    },

    async operator(text: string): Promise<Ordered> {
      const { body, times } = bodyOf(orderOf(text) as Order, Date.now());
      if (times && kit.erp) await addSchedule(kit, times);
      const answer = await post(`${urls.deviceDb}/api/devices/${serial}/commands`, body);
      const { id } = (await answer.json()) as { id: string };
      return { id, ...(times ? { times } : {}) };
    },

    async erp(what: NonNullable<Step["erp"]>): Promise<void> {
      const faults = `${urls.erp}/api/faults`;
      if (what === "away") await kit.erpAway();
      else if (what === "back") await kit.erpBack();
      else if (what === "well") await askKit({ url: faults, key: secrets.erpApiKey, method: "DELETE" });
      else
        await post(
          faults,
          { kind: what.fault, endpoint: "switch", times: what.times ?? 1, ms: what.ms },
          secrets.erpApiKey,
        );
    },
  };
}

function bodyOf(order: Order, now: number): { body: object; times?: Times } {
  if (order.action !== "schedule") return { body: order };
  const { action, scent } = order;
  const [from, to] = [clockTime(order.from, now), clockTime(order.to, now)];
  return { body: { action, scent, startTime: from, endTime: to, timeZone }, times: { from, to, timeZone } };
}

/** What the clock of the room shows, so many milliseconds from now. */
function clockTime(time: string | number, now: number): string {
  if (typeof time === "string") return time;
  const options = { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat("en-GB", options).format(now + time);
}

/** The ERP takes no schedule that it does not know. */
async function addSchedule({ urls, secrets }: PlayKit, { from, to }: Times): Promise<void> {
  const body = { schedules: [{ start_time: from, end_time: to }] };
  await askKit({ url: `${urls.erp}/api/master-data`, key: secrets.erpApiKey, method: "POST", body });
}

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { SCENTS } from "../../device-sim/contract.ts";
import type { HandName, PodView } from "../../device-sim/hand-contract.ts";
import { SERIAL } from "./devices.ts";
import { openKit } from "./kit.ts";

const PATIENCE = { timeout: 10_000 };

/** A whole kit, and its pod as programs handle it. */
export async function openPodKit() {
  const kit = await openKit("safe");
  const { deviceSim } = kit.urls;
  const lay = (hand: HandName, body: object) => layHand({ url: deviceSim, key: kit.secrets.operatorKey }, hand, body);
  const view = async () => (await (await fetch(`${deviceSim}/api/pods/${SERIAL}`)).json()) as PodView;

  return {
    ...kit,
    /** Of the pod's page. */
    address: `${deviceSim}/pods/${SERIAL}`,
    lay,
    view,
    /** The pod as it was at first: at rest, and full. */
    async settle(): Promise<void> {
      await lay("fault", { faults: [] });
      await lay("checkout", {});
      await lay("intensity", { level: 2 });
      for (const scent of SCENTS) await lay("refill", { scent });
      await expect.poll(view, PATIENCE).toMatchObject({ connected: true, unacked: 0 });
    },
  };
}

/** Does something to a pod of a simulator by its API. */
export async function layHand(
  { url, key, serial = SERIAL }: { url: string; key: string; serial?: string },
  hand: HandName,
  body: object,
): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  await fetch(`${url}/api/pods/${serial}/${hand}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Waits until the page is fed by its stream. */
export async function openPodPage(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect.poll(() => page.locator("#live").textContent(), PATIENCE).toBe("Live");
}

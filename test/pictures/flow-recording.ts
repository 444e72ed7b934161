/** A real session as each part's own page shows it, kept in pictures, so that it can be told slowly. */
import type { Page } from "playwright-core";
import type { Size } from "./camera.ts";
import type { PictureKit } from "./kit.ts";
import { layHand, untilDelivery } from "./present.ts";
import { untilLive, type Visit } from "./visit.ts";

const ROOM = "Room 101";
/** Pixels for a point of the GIF: where README shows it, a good screen has that many. */
export const DENSITY = 1.5;
/** Each page's window, and how large it stands beside the others. */
export const WINDOWS = {
  phone: [{ width: 336, height: 672 }, 256 / 336],
  pod: [{ width: 430, height: 900 }, 0.825],
  console: [{ width: 1180, height: 700 }, 1032 / 1107.6],
  erp: [{ width: 500, height: 640 }, 0.8],
} as const;
/** Between two pictures of what rises from the pod. */
export const PLUME_MS = 120;
const PLUME_FRAMES = 48;
const FADE_IN_MS = 800;

export type Recording = Awaited<ReturnType<typeof recordFlow>>;

/** Plays the session; its hops are shown one more at a time in `console`. */
export async function recordFlow({ kit, camera }: Visit, office: Page) {
  const open = ([window, scale]: readonly [Size, number]) => camera.open(window, scale * DENSITY);
  const [phone, pod, flow, erp] = await Promise.all([
    open(WINDOWS.phone),
    open(WINDOWS.pod),
    open(WINDOWS.console),
    open(WINDOWS.erp),
  ]);
  await pod.emulateMedia({ reducedMotion: "no-preference" });
  await pod.goto(`${kit.urls.deviceSim}/pods/${kit.room(ROOM).serial}`);
  await untilLive(pod);
  await erp.context().addCookies(await office.context().cookies());
  const usages = `${kit.urls.erp}/device-usages`;
  await erp.goto(usages);
  const before = { pod: await shootPod(pod), erp: await erp.screenshot() };
  const chat = await answer(phone, kit);
  await erp.goto(usages);
  const row = await erp.locator("tbody tr").first().boundingBox();
  const after = { erp: await erp.screenshot(), row };
  const recording = { chat, before, after, plume: await recordPlume(pod), ...(await recordHops(flow, kit)) };
  await Promise.all([phone, pod, flow, erp].map((page) => page.context().close()));
  await layHand(kit, ROOM, { hand: "checkout", body: {} });
  return recording;
}

/** The guest's side; what the pod says is held back until the picture of the answer has been taken. */
async function answer(phone: Page, kit: PictureKit) {
  const held = Promise.withResolvers<void>();
  await phone.route("**/session", async (route) => {
    await held.promise;
    await route.continue();
  });
  const begins = phone.waitForResponse((reply) => reply.url().endsWith("/v3/directline/conversations"));
  await phone.goto(kit.room(ROOM).launchUrl);
  const { conversationId } = (await (await begins).json()) as { conversationId: string };
  const question = await phone.screenshot();
  const wood = phone.getByRole("button", { name: "Wood" });
  const button = await wood.boundingBox();
  await wood.click();
  await phone.locator('main[data-stage="sent"]').waitFor();
  const sent = await phone.screenshot();
  held.resolve();
  await phone.locator('main[data-stage="ended"]').waitFor();
  const ended = await phone.screenshot();
  await untilDelivery(kit, conversationId, "delivered");
  return { question, button, sent, ended };
}

const shootPod = (page: Page) => page.locator(".stage").screenshot();

/** What rises from the pod, from its first moment on, at an even pace. */
async function recordPlume(page: Page): Promise<Uint8Array[]> {
  await page.locator(".stage.wood").waitFor();
  const frames: Uint8Array[] = [];
  for (let at = 0; at < PLUME_FRAMES; at++) {
    await page.evaluate(plumeAt(at * PLUME_MS));
    frames.push(await shootPod(page));
  }
  return frames;
}

function plumeAt(ms: number): string {
  const opacity = Math.min(1, (ms + PLUME_MS) / FADE_IN_MS);
  return `
    for (const one of document.getAnimations()) {
      one.pause();
      one.currentTime = ${String(ms)};
    }
    const { style } = document.querySelector(".plume");
    style.transition = "none";
    style.opacity = ${String(opacity)};`;
}

/** The row of the session: as it is before the first hop, and after each, in the order in which they happened. */
async function recordHops(page: Page, kit: PictureKit) {
  await page.goto(kit.urls.deviceDb);
  await untilLive(page);
  const names = await page.locator("article.flow").first().locator(".hop .name").allTextContents();
  const console: Uint8Array[] = [];
  for (let shown = 0; shown <= names.length; shown++) {
    await page.evaluate(showHops(shown));
    console.push(await page.locator("#flows").screenshot());
  }
  return { hops: names, console };
}

/** Leaves only as much of the row as there was of it after so many hops. */
function showHops(shown: number): string {
  return `
    const row = document.querySelector("article.flow");
    const hops = [...row.querySelectorAll(".hop")];
    const show = (one, isThere) => (one.style.visibility = isThere ? "inherit" : "hidden");
    show(row, ${String(shown)} > 0);
    hops.forEach((hop, at) => show(hop, at < ${String(shown)}));
    const isAnswered = hops.slice(0, ${String(shown)}).some((hop) => hop.innerText.startsWith("session ended"));
    show(row.querySelector(".what"), isAnswered);
    show(row.querySelector(".outcome"), ${String(shown)} === hops.length);`;
}

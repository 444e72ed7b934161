import { untilLive, type Visit } from "./visit.ts";

const SIZE = { width: 1200, height: 810 };
/** What is in the air has too many colours to be kept sharper than this. */
const SCALE = 1;

/** The pod of the room whose guest has just been seen. */
export async function visitPod({ kit, camera, keep }: Visit): Promise<void> {
  const page = await camera.open(SIZE, SCALE);
  await page.goto(`${kit.urls.deviceSim}/pods/${kit.room("Room 101").serial}`);
  await untilLive(page);
  keep("pod.png", await page.screenshot());
  await page.context().close();
}

import type { Page } from "playwright-core";
import { PLUME_MS, recordFlow } from "./flow-recording.ts";
import { openStage } from "./flow-stage.ts";
import { storyOf } from "./flow-story.ts";
import { dithered, encodeGif, type Frame } from "./gif.ts";
import { type Raster, readPng } from "./png.ts";
import type { Visit } from "./visit.ts";

/** Plays a session and makes a GIF of it. */
export async function filmFlow(visit: Visit, office: Page): Promise<Uint8Array> {
  const recording = await recordFlow(visit, office);
  const [rest, ...plume] = [recording.before.pod, ...recording.plume].map((png) => dithered(readPng(png)));
  const stage = await openStage(visit.camera, recording);
  const frames: Frame[] = [];
  let pod = rest;
  for (const scene of storyOf(recording)) {
    const { png, podAt } = await stage.draw(scene);
    const pieces = scene.isMoving ? scene.ms / PLUME_MS : 1;
    for (let piece = 0; piece < pieces; piece++) {
      if (scene.isMoving) pod = plume.shift() ?? pod;
      frames.push({ ...laidOver(readPng(png), pod, podAt), ms: scene.ms / pieces });
    }
  }
  await stage.close();
  return encodeGif(frames, samplesOf(frames));
}

function laidOver(below: Raster, above: Raster | undefined, { x, y }: { x: number; y: number }): Raster {
  if (above === undefined) return below;
  const length = above.width * 4;
  for (let row = 0; row < above.height; row++)
    below.data.set(above.data.subarray(row * length, (row + 1) * length), ((y + row) * below.width + x) * 4);
  return below;
}

/** The colours are chosen for the first frame, the last one, and some between. */
function samplesOf(frames: readonly Frame[]): Frame[] {
  const last = frames.length - 1;
  return [0, 0.4, 0.6, 0.8, 1].flatMap((share) => frames[Math.round(last * share)] ?? []);
}

/** The pages beside each other, with what is said of them: a page of its own, which is taken once for each scene. */
import { readAsset } from "../../plumbing/assets.ts";
import { Html, html } from "../../plumbing/html.ts";
import type { Camera } from "./camera.ts";
import { DENSITY, type Recording, WINDOWS } from "./flow-recording.ts";
import type { Panel, Scene } from "./flow-story.ts";

const SIZE = { width: 1080, height: 880 };
const HOUSE = readAsset(new URL("../../plumbing/assets/house.css", import.meta.url));
const STYLE = `${HOUSE}
body { display: grid; gap: 1.125rem; padding: 1.375rem 1.5rem 1.5rem; min-height: 0; }
header { display: flex; justify-content: space-between; align-items: baseline; }
h1 { font: 400 1.75rem / 1.3 var(--serif); }
header p { color: var(--soft); font-size: 0.875rem; }
figure { display: grid; gap: 0.625rem; }
figcaption { color: var(--soft); font-size: 0.8125rem; font-weight: 600; letter-spacing: 0.12em; text-transform: uppercase; }
.spoken-of figcaption { color: var(--brass); }
.spoken-of .frame { outline: 2px solid var(--brass); outline-offset: 4px; }
.frame { position: relative; overflow: hidden; border-radius: 9px; background: var(--card); box-shadow: var(--shade); }
.frame img { display: block; zoom: calc(1 / ${String(DENSITY)}); }
#console .frame { width: fit-content; }
.row { display: grid; grid-template-columns: 256px 330px 400px; justify-content: space-between; align-items: start; }
.row .frame { height: 512px; }
#guest .frame::after, #erp .frame::after { content: ""; position: absolute; inset: 0; border: 1px solid var(--line); border-radius: inherit; }
.mark { position: absolute; border: 2px solid var(--brass); border-radius: 0.5rem; }
.finger { position: absolute; width: 44px; height: 44px; margin: -22px; border-radius: 50%; background: #26231f40; border: 2px solid #26231f73; }
`;

type Box = { x: number; y: number; width: number; height: number };

/** Draws scenes, with the pod at rest; resolves with the picture, and where the pod stands in it. */
export async function openStage(camera: Camera, recording: Recording) {
  const page = await camera.open(SIZE, DENSITY);
  return {
    draw: async (scene: Scene): Promise<{ png: Uint8Array; podAt: { x: number; y: number } }> => {
      await page.setContent(sceneDocument(scene, recording).markup);
      await page.evaluate("Promise.all([...document.images].map((image) => image.decode()))");
      const { x = 0, y = 0 } = (await page.locator("#pod img").boundingBox()) ?? {};
      const podAt = { x: Math.round(x * DENSITY), y: Math.round(y * DENSITY) };
      return { png: await page.locator("body").screenshot(), podAt };
    },
    close: () => page.context().close(),
  };
}

function sceneDocument(scene: Scene, { chat, before, after, console }: Recording): Html {
  const finger = scene.isTapped && at("finger", chat.button, WINDOWS.phone[1]);
  const mark = scene.erp === "after" && at("mark", after.row, WINDOWS.erp[1]);
  const panel = (id: Panel, title: string, content: Html) =>
    html`<figure id="${id}"${id === scene.panel && SPOKEN_OF}><figcaption>${title}</figcaption><div class="frame">${content}</div></figure>`;
  return html`<!doctype html>
<html lang="en"><meta charset="utf-8"><style>${new Html(STYLE)}</style>
<header><h1>${scene.caption}</h1><p>A real session, slowed down</p></header>
${panel("console", "Console", picture(console[scene.hops]))}
<div class="row">${panel("guest", "Guest", html`${picture(chat[scene.phone])}${finger}`)}
${panel("pod", "Pod", picture(before.pod))}
${panel("erp", "ERP", html`${picture(scene.erp === "after" ? after.erp : before.erp)}${mark}`)}</div>
</html>`;
}

const SPOKEN_OF = new Html(' class="spoken-of"');

function picture(png: Uint8Array | undefined): Html {
  return html`<img alt="" src="data:image/png;base64,${Buffer.from(png ?? []).toString("base64")}">`;
}

/** Something at a place of a page: a finger in its middle, a mark around it. */
function at(kind: "finger" | "mark", box: Box | null, scale: number): Html {
  const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
  const px = (length: number) => `${String(Math.round(length * scale))}px`;
  const place =
    kind === "finger"
      ? `left: ${px(x + width / 2)}; top: ${px(y + height / 2)}`
      : `left: ${px(x)}; top: ${px(y)}; width: ${px(width)}; height: ${px(height)}`;
  return html`<div class="${kind}" style="${place}"></div>`;
}

/**
 * `npm run pictures`: takes the pictures of README that have become old, with `--all` every one of them, and the GIF, at a
 * kit of their own with a demo hotel. Two runs differ only where times, ids and ports are seen.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openCamera } from "./camera.ts";
import { visitConsole } from "./console-pages.ts";
import { visitEvidence } from "./evidence-pages.ts";
import { filmFlow } from "./flow-gif.ts";
import { visitGuestPages } from "./guest-pages.ts";
import { openPictureKit } from "./kit.ts";
import { openOffice, visitOffice } from "./office-pages.ts";
import { packed } from "./png.ts";
import { visitPod } from "./pod-page.ts";
import { letGuestsCome } from "./present.ts";
import { DOCS, oldPictures, PICTURES, recordPictures } from "./sources.ts";
import type { Visit } from "./visit.ts";

const NOT_READY = 3;
const FONTS = `This needs the fonts Noto Sans, Noto Serif, Noto Sans Mono and Noto CJK, so that letters are the same everywhere.
Debian and Ubuntu:  sudo apt-get install fonts-noto-core fonts-noto-mono fonts-noto-cjk
`;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Writes those that are wanted, and strikes each off. */
function keepOnly(wanted: Set<string>): Visit["keep"] {
  return (name, bytes) => {
    if (!PICTURES.includes(name)) throw new Error(`sources.ts does not say what ${name} is made of.`);
    if (!wanted.delete(name)) return;
    const small = name.endsWith(".png") ? packed(bytes) : bytes;
    writeFileSync(join(DOCS, name), small);
    say(`${`docs/${name}`.padEnd(28)}${`${String(Math.ceil(small.length / 1_000))} kB`.padStart(8)}`);
  };
}

async function takeAll(visit: Visit, wanted: ReadonlySet<string>): Promise<void> {
  const office = await openOffice(visit);
  if (wanted.has("flow.gif")) visit.keep("flow.gif", await filmFlow(visit, office));
  await letGuestsCome(visit.kit);
  await visitGuestPages(visit);
  await visitPod(visit);
  await visitConsole(visit);
  await visitOffice(visit, office);
  if (wanted.has("evidence.png") || wanted.has("poc.png")) await visitEvidence(visit);
  if (wanted.size > 0) throw new Error(`Nothing takes ${[...wanted].join(", ")}.`);
}

async function run(): Promise<number> {
  const { values } = parseArgs({ options: { all: { type: "boolean", default: false } } });
  const wanted = new Set(values.all ? PICTURES : oldPictures());
  if (wanted.size === 0) {
    say("No picture is older than what it shows; --all takes all of them again.");
    return 0;
  }
  await using camera = await openCamera();
  if (await camera.lacksFonts()) {
    process.stderr.write(FONTS);
    return NOT_READY;
  }
  await using kit = await openPictureKit();
  await takeAll({ kit, camera, keep: keepOnly(wanted) }, wanted);
  recordPictures();
  return 0;
}

process.exitCode = await run();

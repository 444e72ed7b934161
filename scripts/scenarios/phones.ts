/** What guests have in their hands: programs that speak HTTP and Direct Line, or a browser as on a phone. */
import { askKit } from "../kit-api.ts";
import { endOnSignal } from "../lifetime.ts";
import { createHttpGuest } from "./http-guest.ts";
import type { PlayKit, Room } from "./kit.ts";
import type { OpenPhone } from "./play.ts";

export type Phones = { about: string; open: OpenPhone; [Symbol.asyncDispose]: () => Promise<void> };

export async function openPhones({ browser }: { browser: boolean }): Promise<Phones> {
  if (!browser)
    return {
      about: "HTTP and Direct Line",
      open: async ({ launchUrl }) => createHttpGuest(launchUrl, tellWait),
      [Symbol.asyncDispose]: async () => undefined,
    };
  const { launchChromium } = await import("./chromium.ts");
  const { createBrowserGuest } = await import("./browser-guest.ts");
  // At the exit of this process Playwright clears away what is the browser's; a signal alone would not let it.
  endOnSignal();
  const chromium = await launchChromium();
  return {
    about: `Chromium ${chromium.version()} as on a phone`,
    open: async (room, kit) => createBrowserGuest(chromium, kit ? await scanned(room, kit) : room.launchUrl, tellWait),
    [Symbol.asyncDispose]: () => chromium.close(),
  };
}

/** The link as a camera reads it from the card's picture. */
async function scanned({ serial }: Room, { urls, secrets }: PlayKit): Promise<string> {
  const { decodeQrPng } = await import("./qr-link.ts");
  const url = `${urls.bot}/api/launch/${serial}?as=png`;
  const picture = await (await askKit({ url, key: secrets.operatorKey })).bytes();
  const link = await decodeQrPng(picture);
  if (link !== undefined) return link;
  throw new Error(`There is no link in the QR code of ${serial}.`);
}

function tellWait(seconds: number): void {
  process.stderr.write(`Too many sessions begin just now; going on in ${String(seconds)} s.\n`);
}

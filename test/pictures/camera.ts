import type { Page } from "playwright-core";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";
import { TIME_ZONE } from "./rooms.ts";

export type Size = { width: number; height: number };

export type Camera = Awaited<ReturnType<typeof openCamera>>;

const LOOK = { colorScheme: "light", reducedMotion: "reduce", locale: "en-GB", timezoneId: TIME_ZONE } as const;
const FONTS = ["Noto Sans", "Noto Serif", "Noto Sans Mono", "Noto Serif CJK TC"];

/** A browser whose letters are the same on every Linux that has these fonts. */
export async function openCamera() {
  // It has fontconfig/fonts.conf beside this file.
  process.env["XDG_CONFIG_HOME"] = import.meta.dirname;
  const browser = await launchChromium();

  return {
    /** A window with nothing in it and no cookie; `scale` is how many pixels a point of the page has. */
    open: async (viewport: Size, scale: number): Promise<Page> =>
      (await browser.newContext({ ...LOOK, viewport, deviceScaleFactor: scale })).newPage(),

    /** Whether one of the fonts is not there: then its letters are as wide as those of whatever stands in for it. */
    lacksFonts: async (): Promise<boolean> => {
      const page = await browser.newPage();
      const lacks = (await page.evaluate(LACKS_ONE)) as boolean;
      await page.close();
      return lacks;
    },

    [Symbol.asyncDispose]: () => browser.close(),
  };
}

const LACKS_ONE = `(() => {
  const pen = document.createElement("canvas").getContext("2d");
  const width = (font) => ((pen.font = "40px " + font), pen.measureText("Which scent would you like?").width);
  const isAs = (font, other) => width(JSON.stringify(font) + ", " + other) === width(other);
  return ${JSON.stringify(FONTS)}.some((font) => isAs(font, "serif") && isAs(font, "monospace"));
})()`;

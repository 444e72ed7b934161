import { withBrowserPackages } from "./browser-packages.ts";

/** The text of the QR code in a PNG, or `undefined`. @throws {StartError} where the packages for it are absent */
export async function decodeQrPng(png: Uint8Array): Promise<string | undefined> {
  const [{ default: jsqr }, { PNG }] = await withBrowserPackages(() => Promise.all([import("jsqr"), import("pngjs")]));
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  return jsqr.default(new Uint8ClampedArray(data), width, height)?.data;
}

import { PNG } from "pngjs";

/** Letters on paper are packed best as they are; what has shades, as the difference to what stands at the left. */
const PACKINGS = [0, 1].map(
  (filterType) => ({ colorType: 2, filterType, deflateLevel: 9, deflateStrategy: 0 }) as const,
);

export type Raster = { width: number; height: number; data: Uint8Array };

export function readPng(png: Uint8Array): Raster {
  return PNG.sync.read(Buffer.from(png));
}

/** The same picture in fewer bytes. */
export function packed(png: Uint8Array): Uint8Array {
  const picture = PNG.sync.read(Buffer.from(png));
  const tries = [png, ...PACKINGS.map((packing) => PNG.sync.write(picture, packing))];
  return tries.reduce((best, one) => (one.length < best.length ? one : best));
}

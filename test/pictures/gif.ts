/** A GIF of screens: what is flat keeps its very colour, and what has shades is made of the colours that are left. */
import gifenc from "gifenc";
import type { Raster } from "./png.ts";

export type Frame = Raster & { ms: number };

type Colour = [red: number, green: number, blue: number];

/** One more stands for what did not change. */
const COLOURS = 255;
const FLAT_COLOURS = 80;
const ALL_COLOURS = 2 ** 24;
const BLACK: Colour = [0, 0, 0];
/** What a frame leaves transparent stays as it was. */
const CHANGES = { transparent: true, dispose: 1 };
/** By how much a pixel becomes darker or lighter at most. */
const NOISE = 3;

/** Frames of the same size, one after the other for ever; their colours are chosen for the samples. */
export function encodeGif(frames: readonly Frame[], samples: readonly Raster[]): Uint8Array {
  const palette = paletteOf(samples);
  const indexesOf = createMapper(palette);
  const unchanged = palette.length;
  const gif = gifenc.GIFEncoder();
  let before: Uint8Array | undefined;
  for (const { data, width, height, ms } of frames) {
    const indexes = indexesOf(data);
    const shown = indexes.map((index, at) => (index === before?.[at] ? unchanged : index));
    const colours = before === undefined ? { palette: [...palette, BLACK] } : {};
    gif.writeFrame(shown, width, height, { ...colours, ...CHANGES, transparentIndex: unchanged, delay: ms });
    before = indexes;
  }
  gif.finish();
  return gif.bytes();
}

/** The same picture with shades that few colours can show: where one is missing, its neighbours take turns. */
export function dithered({ width, height, data }: Raster): Raster {
  const changed = Uint8ClampedArray.from(data);
  for (let at = 0; at < width * height; at++) {
    const shift = (2 * noiseAt(at % width, Math.floor(at / width)) - 1) * NOISE;
    for (let channel = at * 4; channel < at * 4 + 3; channel++) changed[channel] = (data[channel] ?? 0) + shift;
  }
  return { width, height, data: new Uint8Array(changed.buffer) };
}

/** From 0 to 1, always the same at a place and without a pattern that shows ("interleaved gradient noise"). */
function noiseAt(x: number, y: number): number {
  return (52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1)) % 1;
}

/** The colours that are seen most as they are, and what comes nearest to all others. */
function paletteOf(samples: readonly Raster[]): Colour[] {
  const data = Buffer.concat(samples.map((sample) => sample.data));
  const counts = new Map<number, number>();
  for (let at = 0; at < data.length; at += 4) {
    const colour = colourAt(data, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const flat = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FLAT_COLOURS)
    .map(([colour]) => colour);
  return [...flat.map(partsOf), ...gifenc.quantize(without(data, new Set(flat)), COLOURS - flat.length)];
}

/** The pixels of other colours. */
function without(data: Uint8Array, colours: ReadonlySet<number>): Uint8Array {
  const rest = new Uint8Array(data.length);
  let length = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (colours.has(colourAt(data, at))) continue;
    rest.set(data.subarray(at, at + 4), length);
    length += 4;
  }
  return rest.slice(0, length);
}

/** The nearest colour of a palette for each pixel; the encoder's own way takes colours that are almost alike for one. */
function createMapper(palette: readonly Colour[]) {
  const known = new Int16Array(ALL_COLOURS).fill(-1);

  function nearest(colour: number): number {
    const [red, green, blue] = partsOf(colour);
    const distances = palette.map(([r, g, b]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2);
    return (known[colour] = distances.indexOf(Math.min(...distances)));
  }

  return (data: Uint8Array): Uint8Array => {
    const indexes = new Uint8Array(data.length / 4);
    for (let at = 0; at < indexes.length; at++) {
      const colour = colourAt(data, at * 4);
      const index = known[colour] ?? -1;
      indexes[at] = index < 0 ? nearest(colour) : index;
    }
    return indexes;
  };
}

function colourAt(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
}

function partsOf(colour: number): Colour {
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}

import jsqr from "jsqr";

/** Rows of pixels, true where it is dark. */
type Bitmap = boolean[][];

const QUIET_ZONE = 8;
const SCALE = 4;
const SMALLEST_QR = 21;

/** The text of the QR code among the lines of a terminal's output, drawn with blocks, colours or both. */
export function decodeQrText(output: string): string | undefined {
  const bitmap = drawnLines(output).flatMap(halfRows);
  const width = Math.max(0, ...bitmap.map((row) => row.length));
  // What surrounds the drawing is taken to look like its corner: without a margin it is not found, as by a phone.
  const outside = bitmap[0]?.[0] ?? false;
  const margin = (length: number) => Array.from({ length }, () => outside);
  const above = Array.from({ length: QUIET_ZONE }, () => margin(width + 2 * QUIET_ZONE));
  const rows = bitmap.map((row) => [...margin(QUIET_ZONE), ...row, ...margin(width - row.length + QUIET_ZONE)]);
  return decodeBitmap([...above, ...rows, ...above]);
}

type Pen = { darkInk: boolean; darkPaper: boolean };
type Cell = Pen & { character: string };

const PLAIN: Pen = { darkInk: true, darkPaper: false };
const COLOURS: Record<string, Partial<Pen>> = {
  "": PLAIN,
  0: PLAIN,
  30: { darkInk: true },
  37: { darkInk: false },
  40: { darkPaper: true },
  47: { darkPaper: false },
};
const ESCAPE = "\u001b";
const COLOUR_OR_CHARACTER = new RegExp(`${ESCAPE}\\[([\\d;]*)m|.`, "gu");

/** The cells of the lines that hold nothing but blocks and spaces. */
function drawnLines(output: string): Cell[][] {
  let pen = PLAIN;
  const lines = output.split("\n").map((line) =>
    [...line.matchAll(COLOUR_OR_CHARACTER)].flatMap(([character, codes]) => {
      if (codes === undefined) return [{ ...pen, character }];
      for (const code of codes.split(";")) pen = { ...pen, ...COLOURS[code] };
      return [];
    }),
  );
  return lines.filter((cells) => cells.length >= SMALLEST_QR && cells.every((cell) => " ▀▄█".includes(cell.character)));
}

/** A character is two pixels, one above the other. */
function halfRows(cells: Cell[]): Bitmap {
  const half = (inked: string) =>
    cells.map(({ character, darkInk, darkPaper }) => (inked.includes(character) ? darkInk : darkPaper));
  return [half("▀█"), half("▄█")];
}

function decodeBitmap(bitmap: Bitmap): string | undefined {
  const height = bitmap.length * SCALE;
  const width = (bitmap[0]?.length ?? 0) * SCALE;
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bitmap[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)])
        pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return jsqr.default(pixels, width, height)?.data;
}

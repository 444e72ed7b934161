import qrcode from "qrcode";

/** Quiet zone and error correction as printers and phones want them. */
const LOOK = { margin: 4, errorCorrectionLevel: "M" as const };

/** For a terminal that shows colours: explicitly dark on light, whatever its theme. */
export function qrTerminal(url: string): Promise<string> {
  return qrcode.toString(url, { ...LOOK, margin: 2, type: "terminal", small: true });
}

/** For a pipe or a terminal without colours: the light modules are drawn, so it is right on a dark background. */
export function qrText(url: string): Promise<string> {
  return qrcode.toString(url, { ...LOOK, type: "utf8", color: { dark: "#ffffff", light: "#000000" } });
}

export function qrSvg(url: string): Promise<string> {
  return qrcode.toString(url, { ...LOOK, type: "svg" });
}

/** Without the quiet zone, for a page that leaves it. */
export function qrSvgBare(url: string): Promise<string> {
  return qrcode.toString(url, { ...LOOK, margin: 0, type: "svg" });
}

export function qrPng(url: string): Promise<Buffer> {
  return qrcode.toBuffer(url, { ...LOOK, type: "png", scale: 12 });
}

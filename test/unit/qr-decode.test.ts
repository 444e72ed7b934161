import qrcode from "qrcode";
import { expect, test } from "vitest";
import { decodeQrPng } from "../../scripts/scenarios/qr-link.ts";
import { decodeQrText } from "../support/qr-decode.ts";

const URL = "http://192.168.1.20:3978/r/HKAP0100000001-1-Zm9yIHRlc3RzIG9ubHk_-aBcD";

test("a QR code in a PNG is read back", async () => {
  expect(await decodeQrPng(await qrcode.toBuffer(URL))).toBe(URL);
});

test("an inverted PNG is read back", async () => {
  expect(await decodeQrPng(await qrcode.toBuffer(URL, { color: { dark: "#ffffff", light: "#000000" } }))).toBe(URL);
});

test.for([
  ["half blocks", { type: "utf8" }],
  ["half blocks for a dark terminal", { type: "utf8", color: { dark: "#ffffff" } }],
  ["half blocks with a narrow margin", { type: "utf8", margin: 2 }],
  ["coloured spaces", { type: "terminal" }],
  ["coloured half blocks", { type: "terminal", small: true }],
  ["coloured half blocks, inverted", { type: "terminal", small: true, inverse: true }],
] as const)("a QR code printed as %s is read back", async ([, options]) => {
  expect(decodeQrText(await qrcode.toString(URL, options))).toBe(URL);
});

test("a printed QR code is found among other lines and behind an indent", async () => {
  const drawn = await qrcode.toString(URL, { type: "terminal", small: true });
  const indented = drawn.replaceAll("\n", "\n  ");
  expect(decodeQrText(`Scan this\n\n  ${indented}\n\n${URL}\nCtrl-C stops\n`)).toBe(URL);
});

test.for([1, 2, 5, 10, 40])("codes of version %i are read back", async (version) => {
  expect(decodeQrText(await qrcode.toString("HKAP01", { type: "utf8", version }))).toBe("HKAP01");
});

test("a QR code without a margin is not found", async () => {
  expect(decodeQrText(await qrcode.toString(URL, { type: "utf8", margin: 0 }))).toBeUndefined();
});

test("nothing is read from what holds no QR code", async () => {
  const drawn = await qrcode.toString(URL, { type: "utf8" });
  const torn = drawn.split("\n").filter((_, row) => row % 3 !== 0);
  expect(decodeQrText("no code here\n")).toBeUndefined();
  expect(decodeQrText("")).toBeUndefined();
  expect(decodeQrText(torn.join("\n"))).toBeUndefined();
});

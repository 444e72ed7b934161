import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeQrPng } from "../../scripts/scenarios/qr-link.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";
import { askOperator } from "../support/kit.ts";
import { decodeQrText } from "../support/qr-decode.ts";

const ANOTHER = { serial: "HKAP0100000002", room: "Suite 7" };

let home: Home;
let kit: Awaited<ReturnType<Home["startKit"]>>["ready"];
beforeAll(async () => {
  home = await openHome();
  kit = (await home.startKit()).ready;
  return () => home[Symbol.asyncDispose]();
});

const read = (file: string) => readFile(join(home.path, file), "utf8");
const jsonOf = async (...args: string[]) => JSON.parse((await home.run([...args, "--json"])).stdout) as unknown;

describe("aromapod qr", () => {
  test("prints a code that decodes to the launch link, and the link", async () => {
    const { code, stdout } = await home.run(["qr"]);
    expect([code, decodeQrText(stdout)]).toEqual([0, kit.launchUrl]);
    expect(stdout.trimEnd().endsWith(`\n${kit.launchUrl}`)).toBe(true);
    expect(stdout).not.toContain("\u001b");
    expect(await jsonOf("qr", SERIAL)).toEqual({ serial: SERIAL, url: kit.launchUrl });
  });

  test("draws it in colours for a terminal that shows them", async () => {
    const drawn = await askOperator(`${kit.bot}/api/launch/${SERIAL}?as=terminal`, await home.secrets());
    expect(decodeQrText(await drawn.text())).toBe(kit.launchUrl);
  });

  test("writes it as a picture, by the name's end", async () => {
    const png = await home.run(["qr", "--out", "card.png"]);
    expect(png).toMatchObject({ code: 0, stderr: "" });
    expect(await decodeQrPng(await readFile(join(home.path, "card.png")))).toBe(kit.launchUrl);
    expect(await jsonOf("qr", "--out", "card.SVG")).toEqual({ serial: SERIAL, url: kit.launchUrl, file: "card.SVG" });
    expect(await read("card.SVG")).toMatch(/^(<\?xml[^>]*>\s*)?<svg [^]*<\/svg>\s*$/);
  });

  test("writes a card to print, in English and Chinese unless told otherwise", async () => {
    const written = await home.run(["qr", "--out", "card.html"]);
    expect(written).toEqual({
      code: 0,
      stdout: `card.html holds the card of ${SERIAL}: ${kit.launchUrl}\n`,
      stderr: "",
    });
    const card = await read("card.html");
    expect([card.includes("Choose your scent"), card.includes("挑選您的香氛")]).toEqual([true, true]);
    const { operatorKey, qrKey, tokenKey, devices } = await home.secrets();
    for (const secret of [operatorKey, qrKey, tokenKey, ...Object.values(devices)]) expect(card).not.toContain(secret);

    const inTwo = ["--languages", "fr, ja"];
    expect(await jsonOf("qr", "--out", "fr.HTML", ...inTwo)).toMatchObject({ serial: SERIAL, file: "fr.HTML" });
    const french = await read("fr.HTML");
    expect([french.includes("Choisissez votre senteur"), french.includes("Choose")]).toEqual([true, false]);
  });

  test("refuses languages that there are none of, places that cannot be written and devices that are not registered", async () => {
    const klingon = await home.run(["qr", "--out", "k.html", "--languages", "en,tlh"]);
    expect(klingon).toMatchObject({ code: 1, stdout: "" });
    expect(klingon.stderr).toMatch(/"tlh".* en, zh-Hant, zh-Hans, ja, de, fr\.\n$/);
    for (const file of ["card.png", "card.html"]) {
      expect(await home.run(["qr", "--out", `missing/${file}`])).toEqual({
        code: 3,
        stdout: "",
        stderr: expect.stringMatching(/^Cannot write "missing\/card\.\w+": [^\n]*\.\n$/) as string,
      });
    }
    for (const more of [[], ["--out", "card.html"], ["--rotate"]]) {
      const unknown = await home.run(["qr", "NOBODY-1", ...more]);
      expect(unknown).toMatchObject({ code: 1, stdout: "" });
      expect(unknown.stderr).toMatch(/^No device "NOBODY-1" is registered\.[^\n]*\n$/);
    }
    expect(await readdir(home.path)).not.toContain("k.html");
  });

  test("tells what makes no sense, with exit code 2", async () => {
    for (const [args, sentence] of [
      [["--out", "card.gif"], /card\.gif.*must end in \.svg, \.png or \.html\.\n$/],
      [["--all", "--rotate"], /'--rotate' takes one device/],
      [["--all", SERIAL], /'--all' takes every device/],
      [["--languages", "en"], /'--languages <tags>' needs '--out card\.html'/],
      [["--languages", "en", "--out", "card.png"], /needs '--out card\.html'/],
      [["--languages", "en,,de", "--out", "card.html"], /must be languages such as en,zh-Hant\.\n$/],
    ] as const) {
      const outcome = await home.run(["qr", ...args]);
      expect([args, outcome]).toEqual([
        args,
        { code: 2, stdout: "", stderr: expect.stringMatching(sentence) as string },
      ]);
      expect(outcome.stderr).toMatch(/^error: [^\n]+\n$/);
    }
  });
});

describe("aromapod qr --all", () => {
  let url = "";
  beforeAll(async () => {
    expect(await home.run(["devices", "add", ANOTHER.serial, "--room", ANOTHER.room])).toMatchObject({ code: 0 });
    url = await eventually(async () => {
      const launch = (await jsonOf("qr", ANOTHER.serial)) as { url: string };
      expect((await fetch(launch.url)).status).toBe(200);
      return launch.url;
    });
  });
  const rows = () => [
    { serial: SERIAL, room: "Room 101", url: kit.launchUrl },
    { ...ANOTHER, url },
  ];

  test("prints a line for each device", async () => {
    expect(await home.run(["qr", "--all"])).toEqual({
      code: 0,
      stdout: rows()
        .map((row) => `${row.serial}  ${row.room}  ${row.url}\n`)
        .join(""),
      stderr: "",
    });
    expect(await jsonOf("qr", "--all")).toEqual({ data: rows() });
  });

  test("writes all cards into one document", async () => {
    const data = rows().map((row) => ({ ...row, file: "cards.html" }));
    expect(await jsonOf("qr", "--all", "--out", "cards.html", "--languages", "de")).toEqual({ data });
    expect((await read("cards.html")).match(/<h1>[^<]*<\/h1>/g)).toEqual(["<h1>Room 101</h1>", "<h1>Suite 7</h1>"]);
  });

  test("writes a picture for each, with its serial in the name", async () => {
    const file = (serial: string) => `card-${serial}.png`;
    const data = rows().map((row) => ({ ...row, file: file(row.serial) }));
    expect(await jsonOf("qr", "--all", "--out", "card.png")).toEqual({ data });
    for (const row of rows())
      expect(await decodeQrPng(await readFile(join(home.path, file(row.serial))))).toBe(row.url);
    const shown = await home.run(["qr", "--all", "--out", join(home.path, "card.svg")]);
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toContain(`${join(home.path, `card-${SERIAL}.svg`)} holds the QR code of ${SERIAL}: `);
    expect(await readdir(home.path)).toEqual(expect.arrayContaining([`card-${ANOTHER.serial}.svg`]));
  });
});

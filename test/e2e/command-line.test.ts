import { once } from "node:events";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isFree } from "../../scripts/free-ports.ts";
import { PART_NAMES } from "../../scripts/parts.ts";
import { beginChat } from "../support/chat-guest.ts";
import { openStream } from "../support/chat-stream.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome, PORT_SETTINGS } from "../support/home.ts";
import { decodeQrText } from "../support/qr-decode.ts";

const ESCAPE = "\u001b";
const ENDS_WITHIN_MS = 5_000;

type Outcome = { code: number | null; stdout: string; stderr: string };

/** Ended with 3, one sentence that says what is wrong, and nothing that listens. */
async function expectNotReady(home: Home, { code, stdout, stderr }: Outcome, sentence: RegExp): Promise<void> {
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: "", stderr: expect.stringMatching(sentence) as string });
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  expect(await listening(home)).toEqual([]);
}

async function listening({ ports }: Home): Promise<number[]> {
  const free = await Promise.all(ports.map(isFree));
  return ports.filter((_, at) => !free[at]);
}

/** A phone that went to sleep: its stream is open and answers nothing, not even a farewell. */
async function openSilentStream(streamUrl: string) {
  const { hostname, port, host, pathname, search } = new URL(streamUrl);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on("error", () => socket.destroy());
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13`;
  const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`;
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n${key}\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  expect(head.toString()).toMatch(/^HTTP\/1\.1 101 /);
  return { [Symbol.dispose]: () => socket.destroy() };
}

describe("aromapod start", () => {
  test("prints a code that decodes to the guest's link, and where everything is", async () => {
    await using home = await openHome();
    const { output, shows } = home.start(["start"]);
    const [, launchUrl = ""] = await shows(/(http:\/\/\S+\/r\/\S+)\n[^]*Ctrl-C/);
    expect(decodeQrText(output.stdout)).toBe(launchUrl);
    expect((await fetch(launchUrl)).status).toBe(200);
    for (const port of home.ports.filter((_, at) => PORT_SETTINGS[at] !== "DEVICE_SIM_PORT"))
      expect(output.stdout).toContain(`127.0.0.1:${String(port)}`);
    expect(output.stdout).not.toContain(ESCAPE);
    expect(output.stderr).toBe("");
  });

  test("--json prints one line with the addresses of all parts, which are ready", async () => {
    await using home = await openHome();
    const { output, ready } = await home.startKit();
    const [bot, deviceDb, deviceSim, erp, mqtt] = home.ports.map((port) => `127.0.0.1:${String(port)}`);
    expect(ready).toEqual({
      ready: true,
      bot: `http://${bot ?? ""}`,
      deviceDb: `http://${deviceDb ?? ""}`,
      deviceSim: `http://${deviceSim ?? ""}`,
      erp: `http://${erp ?? ""}`,
      mqtt: `mqtt://${mqtt ?? ""}`,
      launchUrl: expect.stringMatching(`^http://${bot ?? ""}/r/[\\w-]{1,64}$`) as string,
      erpSetupUrl: expect.stringMatching(`^http://${erp ?? ""}/set-up/[\\w-]{43}$`) as string,
      dataDir: join(home.path, ".data"),
    });
    for (const url of [ready.bot, ready.deviceDb, ready.deviceSim, ready.erp])
      expect([url, (await fetch(`${url}/readyz`)).status]).toEqual([url, 200]);
    expect(output).toEqual({ stdout: `${JSON.stringify(ready)}\n`, stderr: "" });
  });

  test("ends within seconds when it is told to, guests or not, and keeps its data and its cards", async () => {
    await using home = await openHome();
    const links: string[] = [];
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 0],
    ] as const) {
      const { ready, output, stop } = await home.startKit();
      links.push(ready.launchUrl);
      const { streamUrl } = await beginChat(ready.launchUrl);
      await using stream = openStream(streamUrl);
      using _silent = await openSilentStream(streamUrl);
      await stream.hears([expect.stringMatching(/^bot: Which scent/) as string]);
      // A start on a busy machine may have something to say.
      const saidBefore = output.stderr.length;
      const toldAt = performance.now();
      expect(await stop(signal)).toEqual({ code, signal: null });
      expect(performance.now() - toldAt).toBeLessThan(ENDS_WITHIN_MS);
      expect(output.stderr.slice(saidBefore)).toBe("");
      expect(await listening(home)).toEqual([]);
    }
    expect(links[0]).toBe(links[1]);
  });

  test("reads its settings from flags, then the environment, then .env", async () => {
    await using home = await openHome();
    await writeFile(join(home.path, ".env"), "DATA_DIR=from-env-file\nERP_MODE=legacy\nBOT_PORT=1\n");
    const running = home.start(["start", "--json", "--data-dir", "from-flag"], { DATA_DIR: "from-environment" });
    await running.shows(/\n/);
    expect((await readdir(home.path)).sort()).toEqual([".env", "from-flag"]);
    await running.stop("SIGTERM");
    const fromFile = home.start(["start", "--json"]);
    await fromFile.shows(/\n/);
    expect(await readdir(home.path)).toContain("from-env-file");
  });
});

describe("what cannot start ends with exit code 3 and one sentence, and leaves nothing running", () => {
  test("an unknown setting in the environment", async () => {
    await using home = await openHome();
    await expectNotReady(home, await home.run(["start", "--json"], { ERP_PROT: "1" }), /\bERP_PROT\b.*environment/);
  });

  test("an unknown setting in .env", async () => {
    await using home = await openHome();
    await writeFile(join(home.path, ".env"), "ERP_PROT=8000\n");
    await expectNotReady(home, await home.run(["start", "--json"]), /\bERP_PROT\b.*\.env/);
  });

  test("a line of .env that sets nothing", async () => {
    await using home = await openHome();
    await writeFile(join(home.path, ".env"), '\uFEFF# ours="\nERP_RATE=\n\nBOT_PORT 3978\n');
    await expectNotReady(home, await home.run(["start", "--json"]), /^Line 4 of \.env sets nothing: it has no "="\.$/m);
    await writeFile(join(home.path, ".env"), 'MicrosoftAppPassword="many\nlines"\n');
    await expectNotReady(home, await home.run(["start", "--json"]), /^MicrosoftAppPassword needs MicrosoftAppId\.$/m);
  });

  test.for([
    ["ERP_PORT", "abc"],
    ["BOT_PORT", "65536"],
    ["ERP_MODE", "careful"],
    ["ERP_URL", "erp.example"],
    ["DEVICE_DB_REPORT_SCENTS", "rose"],
  ] as const)("a bad value: %s=%s", async ([name, value]) => {
    await using home = await openHome();
    await expectNotReady(
      home,
      await home.run(["start", "--json"], { [name]: value }),
      new RegExp(`\\b${name}\\b.*${value}`),
    );
  });

  test.for(PORT_SETTINGS)("a port in use: %s", async (name) => {
    await using home = await openHome();
    await using other = createServer();
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as { port: number };
    const outcome = await home.run(["start", "--json"], { [name]: String(port) });
    await expectNotReady(home, outcome, new RegExp(`\\b${String(port)}\\b.* in use.*\\b${name}\\b`));
  });

  test("a data folder that cannot be written", async () => {
    await using home = await openHome();
    await writeFile(join(home.path, "file"), "");
    for (const folder of ["file", "file/below"]) {
      const outcome = await home.run(["start", "--json"], { DATA_DIR: folder });
      await expectNotReady(home, outcome, new RegExp(`^Cannot write to the data folder "${folder}": `));
    }
    expect(await readdir(home.path)).toEqual(["file"]);
  });

  test("damaged secrets", async () => {
    await using home = await openHome();
    await mkdir(join(home.path, ".data"));
    for (const text of ["{", "{}", '{"qrKey":"short"}']) {
      await writeFile(join(home.path, ".data/secrets.json"), text);
      await expectNotReady(home, await home.run(["start", "--json"]), /^Cannot read the secrets .*secrets\.json/);
    }
  });
});

describe.concurrent("the command line", () => {
  test("tells what it cannot understand, with exit code 2", async () => {
    await using home = await openHome();
    for (const args of [
      ["nonsense"],
      ["start", "--nonsense"],
      ["start", "now"],
      ["serve"],
      ["serve", "kitchen"],
      ["poc", "--repeat", "0"],
      ["poc", "--repeat", "many"],
      ["poc", "--serial", "A_B"],
      ["devices"],
      ["devices", "remove"],
      [],
    ]) {
      const { code, stdout, stderr } = await home.run(args);
      expect([args, code, stdout]).toEqual([args, 2, ""]);
      expect(stderr).toMatch(/\S/);
    }
    expect(await readdir(home.path)).toEqual([]);
  });

  test("helps with every command", async () => {
    await using home = await openHome();
    const help = async (...args: string[]) => {
      const { code, stdout, stderr } = await home.run([...args, "--help"]);
      expect([args, code, stderr]).toEqual([args, 0, ""]);
      return stdout;
    };
    const overview = await help();
    const DEVICES = ["ls", "add", "disable", "enable", "rotate"];
    const commands = ["start", "serve", "poc", "qr", "transcript", "devices"];
    for (const name of commands) expect(overview).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
    for (const args of [...commands.map((name) => [name]), ...DEVICES.map((name) => ["devices", name])])
      expect(await help(...args)).toContain(`Usage: aromapod ${args.join(" ")} `);
    expect(await help("start")).toContain("--bot-port <value>");
  });

  test("colours only what is shown to people who want it", async () => {
    await using home = await openHome();
    const shown = async (env: Record<string, string>) => (await home.run(["poc", "--answer", "banana"], env)).stdout;
    expect(await shown({ FORCE_COLOR: "1" })).toContain(`${ESCAPE}[`);
    expect(await shown({ NO_COLOR: "1" })).not.toContain(ESCAPE);
    expect(await shown({})).not.toContain(ESCAPE);
  });
});

describe("the secrets", () => {
  test("are made by whoever starts first, for their owner only, and all parts agree on them", async () => {
    await using home = await openHome();
    const parts = PART_NAMES.map((part) => home.start(["serve", part, "--json"]));
    await Promise.all(parts.map((part) => part.shows(/\n/)));
    expect((await readdir(join(home.path, ".data"))).filter((name) => name.startsWith("secrets"))).toEqual([
      "secrets.json",
    ]);
    expect((await stat(join(home.path, ".data/secrets.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home.path, ".data"))).mode & 0o777).toBe(0o700);
    const { devices, mqtt, ...keys } = await home.secrets();
    const all = [...Object.values(devices), ...Object.values(mqtt), ...Object.values(keys)];
    expect(all.map((secret) => Buffer.from(secret, "base64url").length)).toEqual(Array(8).fill(32));
    expect(new Set(all).size).toBe(8);
    // Ready means that bot and pod got through the broker's door with what the device database has on its list.
    for (const port of [home.env["BOT_PORT"], home.env["DEVICE_SIM_PORT"]])
      await eventually(async () => expect((await fetch(`http://127.0.0.1:${port ?? ""}/readyz`)).status).toBe(200));
  });
});

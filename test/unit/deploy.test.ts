import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { BOT_API } from "../../bot/http-api.ts";
import { expandBraces } from "../../plumbing/http-api.ts";
import { PART_NAMES } from "../../scripts/parts.ts";
import { loadSettings, SETTING_NAMES } from "../../scripts/settings.ts";
import { problemsOfCommand } from "../support/command-check.ts";
import { WITH_SERVERS } from "../support/mosquitto.ts";
import { UNSET } from "../support/unset.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(join(ROOT, "docs/deploy", name), "utf8");
/** Where the files say that the kit is. */
const here = (path: string) => path.replaceAll("/opt/aromapod", ROOT);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "aromapod-deploy-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program of the machine says of a file of ours; `undefined` where there is no such program. */
function judged(program: string, args: readonly string[]): { ok: boolean; said: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: WITH_SERVERS });
  return error ? undefined : { ok: status === 0, said: stdout + stderr };
}

describe("the unit of systemd", () => {
  const unit = read("aromapod@.service");
  const valuesOf = (name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value]) => value);

  test("starts each part with the kit's own Node", async () => {
    const [command = ""] = valuesOf("ExecStart");
    const [program = "", script = "", ...rest] = command.split(" ");
    expect(valuesOf("WorkingDirectory")).toEqual(["/opt/aromapod"]);
    expect(existsSync(here(program))).toBe(true);
    expect(existsSync(join(ROOT, script))).toBe(true);
    for (const part of PART_NAMES) {
      const line = `aromapod ${rest.join(" ").replace("%i", part)}`;
      expect(await problemsOfCommand({ line, needs: undefined })).toEqual([]);
    }
    const settings = valuesOf("Environment").join(" ").split(" ");
    expect(settings.map((one) => one.split("=")[0])).toEqual(["NODE_ENV", "DATA_DIR"]);
    expect(SETTING_NAMES).toContain("DATA_DIR");
  });

  test("takes from it what it does not need, but no writable code, which the engine makes", () => {
    expect(valuesOf("ProtectSystem")).toEqual(["strict"]);
    for (const name of ["NoNewPrivileges", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"])
      expect([name, ...valuesOf(name)]).toEqual([name, "yes"]);
    expect(valuesOf("CapabilityBoundingSet")).toEqual([""]);
    expect(valuesOf("MemoryDenyWriteExecute")).toEqual([]);
  });

  test("is one that systemd takes, where there is systemd", ({ skip }) => {
    const verdictOn = (text: string) => {
      const file = join(folder, "aromapod@bot.service");
      writeFileSync(file, here(text));
      return judged("systemd-analyze", ["verify", file]);
    };
    const verdict = verdictOn(unit);
    if (!verdict || / /.test(ROOT)) return skip();
    expect(verdict).toEqual({ ok: true, said: "" });
    expect(verdictOn(unit.replace("ProtectSystem=strict", "ProtectSystm=strict"))?.said).toMatch(/ProtectSystm/);
  });
});

describe("nginx", () => {
  const config = read("nginx.conf");

  test("hands on to the ports that are usual", () => {
    const { BOT_PORT, DEVICE_DB_PORT, ERP_PORT } = loadSettings(UNSET);
    const targets = [...config.matchAll(/proxy_pass http:\/\/127\.0\.0\.1:(\d+);/g)].map(([, port]) => Number(port));
    expect([...new Set(targets)]).toEqual([BOT_PORT, DEVICE_DB_PORT, ERP_PORT]);
  });

  test("lets guests and chat clients through to the bot, and nobody to what is for operators", () => {
    const [, pattern = ""] = /location ~ (\S+) \{/.exec(config) ?? [];
    const isOpen = (address: string) => {
      const path = (address.split(" ")[1] ?? "").replace(/:\w+/, "x");
      return new RegExp(pattern).test(path) || path.startsWith("/v3/directline/");
    };
    const [guests, chat, operators] = BOT_API.map(({ addresses }) => Object.keys(addresses).flatMap(expandBraces));
    expect([...(guests ?? []), ...(chat ?? [])].filter((address) => !isOpen(address))).toEqual([]);
    expect(operators?.filter(isOpen)).toEqual([]);
    expect(["GET /livez", "GET /readyz", "GET /metrics"].filter(isOpen)).toEqual(["GET /livez"]);
  });

  test("takes it, where there is nginx", ({ skip }) => {
    const [certificate, key] = ["server.pem", "server-key.pem"].map((name) => join(ROOT, "test/support/tls", name));
    const verdictOn = (text: string) => {
      const site = join(folder, "site.conf");
      const main = join(folder, "nginx.conf");
      const named = text.replace(/(ssl_certificate) .*;/, `$1 "${certificate}";`);
      writeFileSync(site, named.replace(/(ssl_certificate_key) .*;/, `$1 "${key}";`));
      writeFileSync(main, `pid ${folder}/pid; error_log stderr; events {} http { access_log off; include ${site}; }`);
      return judged("nginx", ["-t", "-q", "-c", main, "-p", folder]);
    };
    const verdict = verdictOn(config);
    if (!verdict) return skip();
    expect(verdict).toEqual({ ok: true, said: "" });
    expect(verdictOn(config.replace("proxy_buffering off", "proxy_buffring off"))?.ok).toBe(false);
  });
});

describe("compose.yaml", () => {
  type Service = Record<string, unknown> & { command: string[]; healthcheck: { test: string[] }; volumes: string[] };
  const { services } = parse(read("compose.yaml"), { merge: true }) as { services: Record<string, Service> };

  test("runs a part in each container", async () => {
    expect(Object.keys(services)).toEqual(["bot", "device-db", "erp"]);
    for (const [name, { command }] of Object.entries(services)) {
      const [node, script, ...rest] = command;
      expect([node, script]).toEqual(["node", "scripts/aromapod.ts"]);
      expect(rest).toEqual(["serve", name]);
      expect(await problemsOfCommand({ line: `aromapod ${rest.join(" ")}`, needs: undefined })).toEqual([]);
    }
  });

  test("asks each at its usual port whether it is ready", () => {
    const { BOT_PORT, DEVICE_DB_PORT, ERP_PORT } = loadSettings(UNSET);
    const asked = Object.values(services).map(
      ({ healthcheck }) => /:(\d+)\/readyz/.exec(healthcheck.test.join(" "))?.[1],
    );
    expect(asked).toEqual([BOT_PORT, DEVICE_DB_PORT, ERP_PORT].map(String));
  });

  test("has only keys that Compose knows, and leaves the containers little", () => {
    for (const service of Object.values(services)) {
      expect(Object.keys(service).filter((key) => !KEYS.includes(key))).toEqual([]);
      expect(service).toMatchObject({ network_mode: "host", read_only: true, cap_drop: ["ALL"] });
      const [code = "", data] = service.volumes;
      expect(existsSync(join(ROOT, "docs/deploy", code.split(":")[0] ?? "", "scripts/aromapod.ts"))).toBe(true);
      expect(code.endsWith(":ro")).toBe(true);
      expect(data).toBe("/var/lib/aromapod:/var/lib/aromapod");
    }
  });
});

/** Of a service, as far as they are used here; from the Compose specification. */
const KEYS = [
  "cap_drop",
  "command",
  "env_file",
  "environment",
  "healthcheck",
  "image",
  "init",
  "network_mode",
  "read_only",
  "restart",
  "security_opt",
  "stop_grace_period",
  "tmpfs",
  "user",
  "volumes",
  "working_dir",
];

test.each(["aromapod", "backup.sh"])("the script %s can be run", (name) => {
  expect(statSync(join(ROOT, "docs/deploy", name)).mode & 0o111).toBe(0o111);
  expect(judged("sh", ["-n", join(ROOT, "docs/deploy", name)])).toEqual({ ok: true, said: "" });
  expect(read(name)).toMatch(/^#!\/bin\/sh\n/);
});

import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../plumbing/folder.ts";
import { newSecret } from "../plumbing/secret.ts";
import { StartError } from "../plumbing/start-error.ts";
import { typed } from "./own-program.ts";

export type Secrets = {
  qrKey: string;
  tokenKey: string;
  directLineSecret: string;
  operatorKey: string;
  erpApiKey: string;
  mqtt: { bot: string; deviceDb: string };
  devices: Record<string, string>;
};

/**
 * The secrets of this data folder, made at the first start. Several processes may start at once: the first wins.
 *
 * @throws {StartError} when the folder cannot be written or the file is damaged
 */
export function makeSecrets(dataDir: string, serial: string): Secrets {
  try {
    makeFolder(dataDir);
    writeFirst(join(dataDir, "secrets.json"), `${JSON.stringify(freshSecrets(serial), null, 2)}\n`);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new StartError(`Cannot write to the data folder "${dataDir}": ${reason}.`, { cause });
  }
  return readSecrets(dataDir);
}

/** Writes the file as a whole, unless somebody has been first. */
function writeFirst(file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}`;
  writeFileSync(temporary, text, { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** @throws {StartError} when nothing was ever started with this data folder */
export function readSecrets(dataDir: string): Secrets {
  const file = join(dataDir, "secrets.json");
  try {
    const secrets = JSON.parse(readFileSync(file, "utf8")) as Partial<Secrets> | null;
    if (!secrets || !isComplete(secrets)) throw new Error("a secret is missing in it");
    return secrets;
  } catch (error) {
    throw new StartError(`Cannot read the secrets "${file}": ${unreadable(error as Error)}.`, { cause: error });
  }
}

function unreadable(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return `there is none; run "${typed("start")}" first`;
  // The message would quote what stands there.
  return error instanceof SyntaxError ? "it is no JSON" : error.message;
}

/** The secret of a device as it stands there now; `undefined` when there is none, or it cannot be read. */
export function deviceSecret(dataDir: string, serial: string): string | undefined {
  try {
    return readSecrets(dataDir).devices[serial];
  } catch {
    return undefined;
  }
}

/** Replaces the secret of a device that has one here; false for any other. */
export function replaceDeviceSecret(dataDir: string, serial: string, secret: string): boolean {
  if (deviceSecret(dataDir, serial) === undefined) return false;
  addDeviceSecrets(dataDir, { [serial]: secret });
  return true;
}

/** The devices that the simulator plays from its next start on. */
export function addDeviceSecrets(dataDir: string, added: Record<string, string>): void {
  const secrets = readSecrets(dataDir);
  const file = join(dataDir, "secrets.json");
  const temporary = `${file}.${randomUUID()}`;
  const devices = { ...secrets.devices, ...added };
  writeFileSync(temporary, `${JSON.stringify({ ...secrets, devices }, null, 2)}\n`, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
  renameSync(temporary, file);
}

function freshSecrets(serial: string): Secrets {
  return {
    qrKey: newSecret(),
    tokenKey: newSecret(),
    directLineSecret: newSecret(),
    operatorKey: newSecret(),
    erpApiKey: newSecret(),
    mqtt: { bot: newSecret(), deviceDb: newSecret() },
    devices: { [serial]: newSecret() },
  };
}

function isComplete(secrets: Partial<Secrets>): secrets is Secrets {
  const { mqtt, devices, ...keys } = secrets;
  const names = ["qrKey", "tokenKey", "directLineSecret", "operatorKey", "erpApiKey"] as const;
  return (
    names.every((name) => isSecret(keys[name])) &&
    isSecret(mqtt?.bot) &&
    isSecret(mqtt?.deviceDb) &&
    Object.values(devices ?? {}).every(isSecret)
  );
}

function isSecret(value: unknown): boolean {
  return typeof value === "string" && value.length >= 32;
}

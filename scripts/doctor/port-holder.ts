import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

const LISTENING = "0A";

/** The program that listens on a port, as far as Linux tells this user; other systems do not tell. */
export function portHolder(port: number): string | undefined {
  try {
    const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((file) => existsSync(file));
    const sockets = tables.flatMap((file) => listenersIn(readFileSync(file, "utf8"), port));
    const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && holdsAny(name, sockets));
    if (pid === undefined) return undefined;
    return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()}, process ${pid}`;
  } catch {
    return undefined;
  }
}

/** As proc(5) has them: `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …`. */
function listenersIn(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === LISTENING)
    .map((row) => `socket:[${row[9] ?? ""}]`);
}

function holdsAny(pid: string, sockets: readonly string[]): boolean {
  try {
    const files = `/proc/${pid}/fd`;
    return readdirSync(files).some((name) => sockets.includes(linkOf(`${files}/${name}`)));
  } catch {
    // Another user's, or gone meanwhile.
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

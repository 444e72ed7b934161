/**
 * What guests visit, in a process of its own: `host.ts kit|floor <directory> <pods>`. Tells its parent where it is, and
 * on any message how much processor time it took.
 */

/** `books` is where to look up what became of the sessions; the floor has none. */
export type Host = { origin: string; launchPaths: string[]; books?: Books };
export type Books = { deviceDb: string; erp: string; erpApiKey: string };
type Opened = Host & { close: () => Promise<void> };

const [name, dir = "", pods = ""] = process.argv.slice(2);

async function openKit(): Promise<Opened> {
  const { startHotel } = await import("./hotel.ts");
  const { urls, secrets, launchPaths, close } = await startHotel(dir, Number(pods));
  const books = { deviceDb: urls.deviceDb, erp: urls.erp, erpApiKey: secrets.erpApiKey };
  return { origin: urls.bot, launchPaths, books, close };
}

/** Without the kit's libraries: restify changes the answers of node:http for its whole process. */
async function openFloor(): Promise<Opened> {
  const { startFloorChat } = await import("./floor-chat.ts");
  return startFloorChat(Number(pods));
}

const { close, ...host } = await (name === "kit" ? openKit() : openFloor());
process.on("message", () => process.send?.(process.cpuUsage()));
process.once("disconnect", () => void close());
process.send?.(host satisfies Host);

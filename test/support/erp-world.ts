/** An ERP with two clients and somebody of every kind, and the list of all that its server answers to. */
import { copyFileSync } from "node:fs";
import Database from "better-sqlite3";
import restify from "restify";
import { manualClock } from "./clock.ts";
import { ask, tokenIn } from "./erp-ask.ts";
import type { ErpAddress } from "./erp-calls.ts";
import { callApi } from "./erp-office.ts";
import { addPeople, type Person } from "./erp-principals.ts";
import { openErp } from "./erp-system.ts";
import { addTwoClients, type TwoClients } from "./erp-two-clients.ts";

/** An ERP to be tried by people who are known. */
export type World = ErpAddress & {
  file: string;
  /** Method and path of each, as the server itself has them. */
  routes: readonly string[];
  people: readonly Person[];
  clients: TwoClients;
};

export async function openWorld() {
  using watch = watchRestify();
  const erp = await openErp({ clock: manualClock(), seed: "empty" });
  const clients = await addTwoClients(erp);
  let people: Person[] = [];
  await erp.restart(() => {
    const db = new Database(erp.file);
    people = addPeople(db, clients);
    db.close();
  });
  await sendAway(erp, people);
  const snapshot = `${erp.file}.snapshot`;
  await erp.restart(() => copyFileSync(erp.file, snapshot));
  const world = { url: erp.url, apiKey: erp.apiKey, file: erp.file, routes: watch.routes(), people, clients };
  return { ...world, snapshot, [Symbol.asyncDispose]: erp.close };
}

/** Hears what servers register with restify, whoever starts them. */
export function watchRestify() {
  const { createServer } = restify;
  const servers: restify.Server[] = [];
  // restify keeps them by their names, whatever its types say.
  const routesOf = (server: restify.Server): string[] =>
    Object.values(server.router.getRoutes()).map(({ method, path }) => `${method} ${String(path)}`);
  restify.createServer = (options) => {
    const server = createServer(options);
    servers.push(server);
    return server;
  };
  return {
    /** What the newest server answers to. */
    routes: (): string[] => servers.slice(-1).flatMap(routesOf),
    /** What each answers to, in the order in which they were started. */
    routesOfEach: (): string[][] => servers.map(routesOf),
    [Symbol.dispose]: () => {
      restify.createServer = createServer;
    },
  };
}

/** Those go by the way of the house who have been there and are no more. */
async function sendAway(erp: ErpAddress, people: readonly Person[]): Promise<void> {
  const left = people.filter(({ name }) => name === "who signed out").flatMap(({ headers, spare }) => [headers, spare]);
  for (const headers of left) {
    const token = tokenIn((await ask(`${erp.url}/account`, { headers })).text);
    await ask(`${erp.url}/sign-out`, { method: "POST", headers, form: { token } });
  }
  await remove(erp, "users", "removed");
  await remove(erp, "api-keys", "revoked");
}

async function remove(erp: ErpAddress, subject: string, name: string): Promise<void> {
  const { body } = await callApi(erp, `/${subject}?q=${name}`);
  const [row] = (body as { data: { id: number }[] }).data;
  await callApi(erp, `/${subject}/${String(row?.id)}`, { method: "DELETE" });
}

/** What somebody who is bound to a client sees and changes of the other's rows, whatever they try. */
import { leaksIn } from "./erp-matrix.ts";
import type { Person } from "./erp-principals.ts";
import { inTurns, openRequests, type Target } from "./erp-requests.ts";
import { RULES, wantedFor } from "./erp-rules.ts";
import { differences, ofOthers, readTables } from "./erp-tables.ts";
import type { Ids } from "./erp-two-clients.ts";
import type { World } from "./erp-world.ts";

/** Those of `alpha`, who try for `bravo`. */
const boundOf = ({ people }: World): Person[] => people.filter(({ bound }) => bound === "alpha");

/** Whatever a list or a report may be asked for, right or wrong. */
function queriesOf({ alpha, bravo }: World["clients"]): string[] {
  const of = (ids: Ids, subject: string) => String(ids[subject]);
  const names = ["client_id", "corporation_id", "room_id", "device_id", "user_id"];
  const subjects = ["clients", "corporations", "rooms", "devices", "users"];
  const period = "from=2026-01-01&to=2026-12-31";
  return [
    "",
    "?q=a",
    "?q=b",
    "?q=room",
    "?limit=500",
    "?page=2&limit=1",
    "?source=manual",
    "?done=added",
    "?before=9999",
    "?serial=b-to-a",
    "?serial=a-to-b&limit=100",
    "?scent=shared",
    "?from=2000-01-01T00:00:00Z",
    "?client_id=",
    ...names.map((name, at) => `?${name}=${of(bravo, subjects[at] ?? "")}`),
    `?client_id=${of(alpha, "clients")}&${period}`,
    `?client_id=${of(bravo, "clients")}&${period}`,
    `?client_id=${of(alpha, "clients")}&client_id=${of(bravo, "clients")}&${period}`,
    `?client_id=${of(bravo, "clients")}&client_id=${of(alpha, "clients")}&${period}`,
    `?client_id[]=${of(bravo, "clients")}`,
    `?client_id=0${of(bravo, "clients")}`,
  ];
}

/** A line for each answer to somebody bound that shows what is the other client's, or is none. */
export async function leaksToBound(world: World, routes = world.routes): Promise<string[]> {
  const { get } = await openRequests(world);
  const reading = routes.filter((route) => route.startsWith("GET ") && !/metrics|assets/.test(route));
  const asked = reading.flatMap((route) => {
    const readers = boundOf(world).filter(({ by, role }) => by === entranceOf(route) && role !== "manager");
    return pathsOf(route, world).flatMap((path) => readers.map((person) => ({ path, person })));
  });
  const leaks = await inTurns(asked, async ({ path, person }) => {
    const answer = await get(path, person);
    const problems = leaksIn(answer, ["bravo"]).map((leak) => `shows ${leak}`);
    if (answer.status >= 500) problems.push(`answers ${String(answer.status)}`);
    return problems.map((problem) => `GET ${path} to ${person.name} with a ${person.by}: ${problem}`);
  });
  return leaks.flat();
}

/** What is open to all is seen by people too. */
function entranceOf(route: string): Person["by"] {
  const wanted = wantedFor(route);
  return typeof wanted === "object" ? wanted.by : "page";
}

function pathsOf(route: string, { clients }: World): string[] {
  const path = route.slice("GET ".length);
  const wanted = wantedFor(route);
  const subject = typeof wanted === "object" ? wanted.subject : "";
  const isOwn = RULES[subject]?.read.endsWith("own") ?? false;
  if (!path.includes(":id")) return (isOwn ? queriesOf(clients) : [""]).map((query) => path + query);
  return [clients.alpha, clients.bravo].map((ids) => path.replace(":id", String(ids[subject] ?? 1)));
}

/** A line for each row of anybody else that is another one after all that those tried who are bound; and what they were shown. */
export async function changesByBound(world: World, routes = world.routes): Promise<string[]> {
  const { send } = await openRequests(world);
  const client = world.clients.alpha["clients"] ?? 0;
  const before = ofOthers(readTables(world.file), client);
  const leaks = await inTurns(triesOf(world, routes), async (target) => {
    const answer = await send(target, { isSpare: false });
    return leaksIn(answer, ["bravo"]).map((leak) => `${target.route} by ${target.person.name}: shows ${leak}`);
  });
  return [...leaks.flat(), ...differences(before, ofOthers(readTables(world.file), client))];
}

/** Own rows that are to become the other's, the other's that are to change or go, and new ones for the other. */
function triesOf(world: World, routes: readonly string[]): Target[] {
  const writing = routes.filter((route) => !route.startsWith("GET ") && route !== "POST /sign-out");
  return writing.flatMap((route) => {
    const wanted = wantedFor(route);
    if (wanted === undefined || typeof wanted === "string") return [];
    return boundOf(world).flatMap((person): Target[] => [
      { route, subject: wanted.subject, person, client: "bravo" },
      { route, subject: wanted.subject, person, client: "bravo", refersTo: "alpha" },
      ...(isRemoval(route)
        ? []
        : [{ route, subject: wanted.subject, person, client: "alpha", refersTo: "bravo" } as const]),
    ]);
  });
}

/** What removes an own row is allowed, and leaves nothing to be tried with. */
const isRemoval = (route: string) => /^DELETE |\/remove$/.test(route);

/** Every route by everybody for the rows of each client, and what is wrong with the answers. */
import type { ErpRoute } from "../../erp-stub/access.ts";
import type { Answer } from "./erp-ask.ts";
import { type How, inTurns, openRequests, type Requests, type Target } from "./erp-requests.ts";
import { rowsFor, type Wanted, wantedFor } from "./erp-rules.ts";
import { differences, readTables } from "./erp-tables.ts";
import { type ClientName, MARKS } from "./erp-two-clients.ts";
import type { World } from "./erp-world.ts";

type Verdict = "nobody" | "forbidden" | "not theirs" | "welcome";
type Case = Target & { wanted: Exclude<Wanted, string>; verdict: Verdict };

const CLIENTS: readonly ClientName[] = ["alpha", "bravo"];

/** What is wrong with what an ERP declares of its routes, by the rules that are said by hand. */
export function problemsOfTable(served: readonly string[], declared: readonly Declared[]): string[] {
  const table = new Map(declared.map(({ method, path, access }) => [`${method} ${path}`, access]));
  const unserved = [...table.keys()].filter((route) => !served.includes(route));
  return [...served.flatMap((route) => problemOf(route, table)), ...unserved.map((route) => `${route}: is not served`)];
}

type Declared = Pick<ErpRoute, "method" | "path" | "access">;

function problemOf(route: string, table: ReadonlyMap<string, ErpRoute["access"]>): string[] {
  const wanted = wantedFor(route);
  const told = table.get(route);
  if (wanted === undefined) return [`${route}: nothing is said of who may use it`];
  if (told === undefined) return typeof wanted === "string" ? [] : [`${route}: is not in the table`];
  return textOf(told) === textOf(wanted) ? [] : [`${route}: ${textOf(told)} instead of ${textOf(wanted)}`];
}

function textOf(access: Wanted): string {
  return typeof access === "string" ? access : `${access.action} ${access.subject} by ${access.by}`;
}

/** All that is answered otherwise than the rules say, shows what is another client's, or changes anything when it may not. */
export async function problemsOfAnswers(world: World, routes = world.routes): Promise<string[]> {
  const requests = await openRequests(world);
  const cases = casesOf(world, routes);
  const refused = cases.filter(({ verdict }) => verdict !== "welcome");
  const before = readTables(world.file);
  const ofRefused = await tryAll(requests, refused, { isSpare: false });
  const changed = differences(before, readTables(world.file)).map((line) => `although refused, ${line}`);
  const welcome = cases.filter(({ verdict }) => verdict === "welcome");
  return [...ofRefused, ...changed, ...(await tryAll(requests, welcome, { isSpare: true }))];
}

/** Of those who come with the wrong thing the one with the most rights is enough, and the rows of one client. */
function casesOf({ people }: World, routes: readonly string[]): Case[] {
  return routes.flatMap((route) => {
    const wanted = wantedFor(route);
    if (wanted === undefined || typeof wanted === "string") return [];
    return people.flatMap((person) =>
      CLIENTS.map((client) => {
        const target = { route, wanted, subject: wanted.subject, person, client };
        return { ...target, verdict: verdictOf(target) };
      }).filter((one) => one.verdict !== "nobody" || isTelling(one)),
    );
  });
}

function isTelling({ person, client }: Pick<Case, "person" | "client">): boolean {
  return client === "alpha" && (person.role === undefined || person.name === "admin of all");
}

function verdictOf({ wanted: { subject, action, by }, person, client }: Omit<Case, "verdict">): Verdict {
  const { role, bound } = person;
  if (role === undefined || person.by !== by) return "nobody";
  const rows = rowsFor({ role, isBound: bound !== null }, subject, action);
  if (rows === "none") return "forbidden";
  return rows === "own" && bound !== null && bound !== client ? "not theirs" : "welcome";
}

async function tryAll(requests: Requests, cases: readonly Case[], how: How): Promise<string[]> {
  const problems = await inTurns(cases, async (one) => {
    const answer = await requests.send(one, how);
    const { route, person, client, verdict } = one;
    const told = `${route} by ${person.name} with a ${person.by}, for ${client}`;
    const wrong = isAsWanted(one, answer) ? [] : [`${told}: ${String(answer.status)} instead of ${verdict}`];
    return [...wrong, ...leaksIn(answer, hiddenFrom(one)).map((leak) => `${told}: shows ${leak}`)];
  });
  return problems.flat();
}

/** Whose rows somebody may not see. */
function hiddenFrom({ verdict, person }: Case): readonly ClientName[] {
  if (verdict === "nobody" || verdict === "forbidden") return CLIENTS.filter((client) => client !== person.bound);
  return person.bound === null ? [] : CLIENTS.filter((client) => client !== person.bound);
}

/** What an answer shows of clients that it should not know of. */
export function leaksIn({ text, headers }: Answer, hidden: readonly ClientName[]): string[] {
  const { date: _date, ...others } = headers;
  const told = `${JSON.stringify(others)} ${text}`;
  return hidden.flatMap((client) => MARKS[client].exec(told)?.[0] ?? []);
}

/** All that is wrong with what is open to everybody. */
export async function problemsOfOpen(world: World): Promise<string[]> {
  const { send } = await openRequests(world);
  const strangers = world.people.filter(({ name }) => ["nobody", "viewer of alpha"].includes(name));
  const cases = world.routes
    .filter((route) => typeof wantedFor(route) === "string")
    .flatMap((route) => strangers.map((person): Target => ({ route, subject: "", person, client: "alpha" })));
  const problems = await inTurns(cases, async (one) => {
    const answer = await send(one, { isSpare: false });
    const told = `${one.route} by ${one.person.name}`;
    const wrong = statusesOfOpen(one.route).includes(answer.status) ? [] : [`${told}: ${String(answer.status)}`];
    return [...wrong, ...leaksIn(answer, CLIENTS).map((leak) => `${told}: shows ${leak}`)];
  });
  return problems.flat();
}

/** A link that nobody was given leads nowhere; an empty form is no sign-in, and an empty call none that can be carried out. */
function statusesOfOpen(route: string): readonly number[] {
  if (route.endsWith(":secret")) return [404];
  if (route === "POST /sign-in") return [401];
  if (wantedFor(route) === "caller") return [422];
  return route === "GET /sign-in" ? [200, 303] : [200];
}

/** Where a good request would take more than these tests know to ask: it is enough that nobody is turned away. */
const LOOSE = /^(POST|PATCH|DELETE) \/(api\/)?(settings|faults|master-data|account|journal|customers\/:id\/edit)/;
const TAKEN = [200, 201, 204, 303];
const NOT_GOOD = [400, 404, 409, 412, 415, 422];

function isAsWanted({ route, verdict, wanted }: Case, { status, location = "" }: Answer): boolean {
  const isToSignIn = status === 303 && location.startsWith("/sign-in");
  if (verdict === "nobody") return wanted.by === "key" ? status === 401 : isToSignIn;
  if (verdict === "forbidden") return status === 403;
  if (verdict === "not theirs") return status === statusOfOthers(route);
  if (route === "POST /sign-out") return isToSignIn;
  const isTaken = TAKEN.includes(status) && !isToSignIn;
  return isTaken || (LOOSE.test(route) && NOT_GOOD.includes(status));
}

/** A row of others is not there; others' rows cannot be referred to; a list or an empty form has none of them. */
function statusOfOthers(route: string): number {
  if (route.includes("/:id")) return 404;
  return route.startsWith("POST ") || route.includes("/reports/") ? 422 : 200;
}

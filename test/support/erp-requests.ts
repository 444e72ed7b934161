/** How a route is asked by somebody about rows of a client, so that nothing is wrong but who asks. */
import { type Answer, type Asking, ask, tokenIn } from "./erp-ask.ts";
import { addSpare, bodyOf, typedOf } from "./erp-bodies.ts";
import type { Person } from "./erp-principals.ts";
import { wantedFor } from "./erp-rules.ts";
import type { ClientName } from "./erp-two-clients.ts";
import type { World } from "./erp-world.ts";

export type Target = {
  /** Method and path. */
  route: string;
  subject: string;
  person: Person;
  /** Whose row is asked for. */
  client: ClientName;
  /** Whose rows the body refers to; the same client's unless said. */
  refersTo?: ClientName;
};

export type How = {
  /** Whether a row may go for it: one is made, and nothing refers to it. */
  isSpare: boolean;
  /** Instead of that of the person's own pages; none at all with `null`. */
  token?: string | null;
  /** Beside what the person comes with. */
  headers?: Record<string, string>;
};

export type Requests = Awaited<ReturnType<typeof openRequests>>;

/** Several checks may run on one ERP: no two rows are called the same. */
let number = 0;

export async function openRequests(world: World) {
  const tokens = await readTokens(world);

  async function idFor({ route, subject, client }: Target, { isSpare }: How): Promise<number> {
    const ids = world.clients[client];
    const isWritten = !route.startsWith("GET ") && !/journal|faults/.test(route);
    if (!isSpare || !isWritten) return ids[subject] ?? 0;
    return addSpare(world, subject, { words: client, ids, number: number++ });
  }

  function bodyFor({ route, subject, person, client, refersTo = client }: Target) {
    if (/^DELETE |\/(remove|invite|replay|erase)$/.test(route)) return {};
    const making = { words: person.bound ?? client, ids: world.clients[refersTo], number: number++ };
    return bodyOf(subject, making) ?? {};
  }

  /** What is to be sent: a body that is good as such, in the words of who sends it. */
  function contentOf(target: Target, given: How["token"]): Asking {
    const { route, person } = target;
    const isForm = person.by === "page" && !route.includes(" /api/");
    const body = bodyFor(target);
    const own = tokens.get(person)?.[route === "POST /sign-out" ? "spare" : "usual"] ?? "";
    const token = given === undefined ? own : given;
    if (isForm) return { form: { ...(token !== null && { token }), ...typedOf(body) } };
    return { json: body };
  }

  return {
    send: async (target: Target, how: How): Promise<Answer> => {
      const { route, person, client } = target;
      const [method = "", path = ""] = route.split(" ");
      const id = path.includes(":id") ? await idFor(target, how) : 0;
      const query = path.includes("/reports/") ? `?client_id=${String(world.clients[client]["clients"])}` : "";
      const address = path.replace(":id", String(id)).replace(":secret", "nothing") + query;
      const headers = { ...(route === "POST /sign-out" ? person.spare : person.headers), ...how.headers };
      const content = method === "GET" ? {} : contentOf(target, how.token);
      return ask(world.url + address, { method, ...content, headers });
    },

    tokenOf: (person: Person): string => tokens.get(person)?.usual ?? "",

    get: (path: string, { headers }: Person): Promise<Answer> => ask(world.url + path, { headers }),
  };
}

type Tokens = { usual: string; spare: string };

/** The tokens of the pages that people see. */
async function readTokens({ url, people }: World): Promise<Map<Person, Tokens>> {
  const read = async (headers: Person["headers"]) => tokenIn((await ask(`${url}/account`, { headers })).text);
  const pairs = people.map(async (person) => {
    return [person, { usual: await read(person.headers), spare: await read(person.spare) }] as const;
  });
  return new Map(await Promise.all(pairs));
}

/** The routes, each asked by one person for their own. */
export function targetsOf(routes: readonly string[], person: Person): Target[] {
  return routes.map((route) => {
    const wanted = wantedFor(route);
    return { route, subject: typeof wanted === "object" ? wanted.subject : "", person, client: "alpha" };
  });
}

/** Those that are the forms of the back office. */
export function formsOf(routes: readonly string[]): string[] {
  return routes.filter((route) => {
    const wanted = wantedFor(route);
    return route.startsWith("POST ") && typeof wanted === "object" && wanted.by === "page";
  });
}

/** All of them, a few at once, in the order of the list. */
export async function inTurns<Of, Result>(list: readonly Of[], work: (one: Of) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < list.length; at += AT_ONCE) {
    results.push(...(await Promise.all(list.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
}

const AT_ONCE = 16;

import { request } from "undici";
import { API_KEY } from "./erp-ground.ts";
import type { ErpSide } from "./erp-side.ts";
import { median } from "./statistics.ts";

const TIMES = 20;
const DAY_MS = 86_400_000;

type Kind = "report" | "list";
type Address = { path: string; kind: Kind };

/** `median` and `worst` of all times that it was asked; NaN unless it answers 200. */
export type AddressFigures = Address & { status: number; medianMs: number; worstMs: number; bytes: number };

/** What reports are asked for, in days ago: a month that is over, one nearly a year ago, and before all that is known. */
const PERIODS = [
  [40, 11],
  [360, 330],
  [400, 370],
] as const;

const REPORTS = ["device-usage", "payments", "billables"];
const API_LISTS = [
  "/api/device-usages?limit=50",
  "/api/device-usages?limit=50&serial=HKAP0100000001",
  "/api/devices",
  "/api/rooms",
  "/api/clients",
  "/api/payments",
  "/api/journal",
  "/api/journal?outcome=refused",
  "/api/journal?q=nowhere",
  "/api/audit",
];
const PAGES = [
  "/",
  "/device-usages",
  "/device-usages?client_id=1",
  "/device-usages?serial=HKAP0100000001",
  "/devices",
  "/rooms",
  "/clients",
  "/payments",
  "/journal",
  "/audit",
  "/reports",
];

/** What is measured, each with what it has to carry: a key for programs, a cookie for people. */
function addresses(now: number): { byKey: Address[]; byCookie: Address[] } {
  const day = (ago: number) => new Date(now - ago * DAY_MS).toISOString().slice(0, 10);
  const periods = PERIODS.map(([from, to]) => `client_id=1&from=${day(from)}&to=${day(to)}`);
  const reports = (prefix: string) =>
    periods.flatMap((period) =>
      REPORTS.map((name): Address => ({ path: `${prefix}/${name}?${period}`, kind: "report" })),
    );
  const lists = (paths: readonly string[]) => paths.map((path): Address => ({ path, kind: "list" }));
  return {
    byKey: [...reports("/api/reports"), ...lists(API_LISTS)],
    byCookie: [...reports("/reports"), ...lists(PAGES)],
  };
}

/** Asks for each report and each list several times in a row, with nobody else at the ERP. */
export async function measureAddresses(erp: Pick<ErpSide, "url" | "setUpUrl">, now: number): Promise<AddressFigures[]> {
  const { byKey, byCookie } = addresses(now);
  const key = { authorization: `Bearer ${API_KEY}` };
  const cookie = await signIn(erp);
  const figures: AddressFigures[] = [];
  for (const address of byKey) figures.push(await measure(erp.url, address, key));
  for (const address of byCookie) figures.push(await measure(erp.url, address, cookie));
  return figures;
}

/** The addresses of the reports, for programs. */
export function reportPaths(now: number): string[] {
  return addresses(now)
    .byKey.filter(({ kind }) => kind === "report")
    .map(({ path }) => path);
}

/** Asks for one after the other until the signal; the result is how many were answered. */
export async function askBackToBack(url: string, paths: readonly string[], signal: AbortSignal): Promise<number> {
  let times = 0;
  while (!signal.aborted) {
    await ask(url + (paths[times % paths.length] ?? ""), { authorization: `Bearer ${API_KEY}` });
    times++;
  }
  return times;
}

async function measure(url: string, address: Address, headers: Record<string, string>): Promise<AddressFigures> {
  const latencies: number[] = [];
  let last = { status: 0, bytes: 0 };
  for (let n = 0; n < TIMES; n++) {
    const startedAt = performance.now();
    last = await ask(url + address.path, headers);
    latencies.push(performance.now() - startedAt);
  }
  const isThere = last.status === 200;
  const medianMs = isThere ? median(latencies) : Number.NaN;
  return { ...address, ...last, medianMs, worstMs: isThere ? Math.max(...latencies) : Number.NaN };
}

async function ask(url: string, headers: Record<string, string>): Promise<{ status: number; bytes: number }> {
  const { statusCode, body } = await request(url, { headers });
  return { status: statusCode, bytes: (await body.arrayBuffer()).byteLength };
}

/** The first admin, by the link of the first start: the headers that a browser would send from then on. */
async function signIn({ setUpUrl }: Pick<ErpSide, "setUpUrl">): Promise<Record<string, string>> {
  if (!setUpUrl) throw new Error("The ERP is set up already.");
  const form = { name: "Bench", email: "bench@example.com", password: "correct horse battery staple" };
  const { statusCode, headers, body } = await request(setUpUrl, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
  await body.dump();
  const cookie = String(headers["set-cookie"] ?? "").split(";", 1)[0] ?? "";
  if (statusCode !== 303 || cookie === "") throw new Error(`Nobody could sign in (${String(statusCode)}).`);
  return { cookie, accept: "text/html" };
}

import { type Clock, isoTime } from "../plumbing/clock.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { parseJson } from "../plumbing/json.ts";
import type { JournalCall } from "./call-journal.ts";
import type { ErpError } from "./contract.ts";
import { readCustomer } from "./customer.ts";
import type { CustomerAnswer } from "./customer-contract.ts";
import type { CustomerStore } from "./customer-store.ts";
import type { WithFaults } from "./faults.ts";

const CUSTOMERS_PATH = "/api/customers";
const MAX_BODY_BYTES = 64 * 1_024;

type Deps = {
  customers: CustomerStore;
  clock: Clock;
  /** @throws {HttpError} 403 for those who may not call */
  admit: (request: HttpRequest) => void;
  /** Told of every call that was understood, but nothing of the person. */
  journal: JournalCall;
  withFaults: WithFaults;
};

/** The documented endpoint; whoever formats its other errors gives them the shape of this one's: `{error, details?}`. */
export function customerRoutes({ customers, clock, admit, journal, withFaults }: Deps): Route[] {
  async function setUp(body: unknown): Promise<CustomerAnswer | ErpError> {
    const read = readCustomer(body, clock.now());
    if ("error" in read) return read.error;
    const kept = await customers.upsert(read.input, isoTime(clock.now()));
    if ("error" in kept) return kept.error;
    return { message: "Customer setup successful", customer_id: kept.id, data: kept.customer };
  }

  const handle = withFaults(async (request) => {
    const answer = await setUp(await readBody(request));
    const status = "error" in answer ? 422 : 200;
    journal({ request, path: CUSTOMERS_PATH, status, answer: withoutPerson(answer) });
    return json(answer, status);
  }, "customers");

  return [
    {
      method: "POST",
      path: CUSTOMERS_PATH,
      handle: (request) => {
        admit(request);
        return handle(request);
      },
    },
  ];
}

/** @throws {HttpError} 400 or 413 */
async function readBody(request: HttpRequest): Promise<unknown> {
  const text = await request.text(MAX_BODY_BYTES);
  if (text === "") return undefined;
  const body = parseJson(text);
  if (body === undefined) throw new HttpError(400, "Malformed JSON");
  return body;
}

function withoutPerson(answer: CustomerAnswer | ErpError): unknown {
  if ("customer_id" in answer) return { customer_id: answer.customer_id };
  const { error, details } = answer;
  return details ? { error, fields: Object.keys(details) } : { error };
}

import type { Html } from "../plumbing/html.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, page, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { parse } from "../plumbing/parse.ts";
import type { Commands } from "./commands.ts";
import type { Frame, Notice } from "./console-layout.ts";
import type { Pages } from "./console-pages.ts";
import { toSignIn } from "./console-sign-in.ts";
import { type NewCommand, newCommandSchema } from "./contract.ts";
import { operatorMoveSchema, resumeSchema } from "./delivery-contract.ts";
import type { DeliveryOperations } from "./delivery-operations.ts";
import type { Guard } from "./guard.ts";
import { OPERATOR_MOVES, type OperatorMove } from "./operator-moves.ts";
import type { Registry } from "./registry.ts";

/** What buttons do: the same as the API. */
export type Actions = {
  operations: Pick<DeliveryOperations, "operate" | "resume">;
  registry: Pick<Registry, "device" | "enable">;
  commands: Pick<Commands, "issue">;
};

type Edge = { guard: Guard; frameFor: (request: HttpRequest, notice: Notice | undefined) => Frame };

type Deps = Actions & Edge & { pages: Pages };

/** `id` is of the device or delivery that the button is about. */
type Press = { id: string; fields: URLSearchParams };

type Form = {
  path: string;
  /** Does it, and says in a word of `DONE` what was done. */
  act: (press: Press) => Promise<string>;
  /** Where the button stands. */
  place: (press: Press) => string;
  show: (frame: Frame, press: Press) => Html;
};

const DONE: Record<string, string> = {
  resend: "It is sent again as soon as its turn comes.",
  "mark-delivered": "Marked as delivered, with your reason.",
  discard: "Discarded, with your reason. It stays on record.",
  resumed: "Resumed: what waited is sent now.",
  command: "The command is on its way to the pod; the flow shows each hop of it.",
  enable: "Enabled: it may connect again.",
  disable: "Disabled: nothing is taken from it any more.",
};

/** What a button has led to, by the word in the address. */
export function noticeOf(done: string | null): Notice | undefined {
  const text = done === null || !Object.hasOwn(DONE, done) ? undefined : DONE[done];
  return text === undefined ? undefined : { tone: "good", text };
}

/** The console's buttons are forms; each comes back to its page with a word on what was done, or on why not. */
export function consoleForms(deps: Deps): Route[] {
  const { pages, operations } = deps;
  const deciding = (move: OperatorMove): Form => ({
    path: `/console/deliveries/:id/${move}`,
    async act({ id, fields }) {
      await operations.operate(id, move, reasonIn(fields));
      return move;
    },
    place: ({ id }) => `/deliveries/${encodeURIComponent(id)}`,
    show: (frame, { id, fields }) => pages.delivery(frame, id, fields.get("reason") ?? ""),
  });
  const resuming: Form = {
    path: "/console/lanes/resume",
    async act({ fields }) {
      await operations.resume(parse(resumeSchema, { serial: fields.get("serial") ?? undefined }).serial);
      return "resumed";
    },
    place: () => "/deliveries",
    show: (frame) => pages.deliveries(frame, new URLSearchParams()),
  };
  return [...OPERATOR_MOVES.map(deciding), resuming, ...deviceForms(deps)].map((form) => formRoute(form, deps));
}

function deviceForms({ pages, registry, commands }: Deps): Form[] {
  const onDevice = (name: string, act: Form["act"]): Form => ({
    path: `/console/devices/:id/${name}`,
    act,
    place: ({ id }) => `/devices/${encodeURIComponent(id)}`,
    show: (frame, { id }) => pages.device(frame, id),
  });
  const turning = (name: "enable" | "disable"): Form =>
    onDevice(name, async ({ id }) => {
      await registry.enable(id, name === "enable");
      return name;
    });
  return [
    turning("enable"),
    turning("disable"),
    onDevice("commands", async ({ id, fields }) => {
      await commands.issue(registry.device(id), commandIn(fields));
      return "command";
    }),
  ];
}

function formRoute({ path, act, place, show }: Form, { guard, frameFor }: Edge): Route {
  return {
    method: "POST",
    path,
    async handle(request) {
      const press = { id: request.params["id"] ?? "", fields: await request.form() };
      const isByKey = request.header("authorization") !== undefined;
      if (!guard.mayLook(request) && !isByKey) return toSignIn(place(press));
      try {
        guard.requireOperator(request, press.fields.get("token") ?? undefined);
        return seeOther(`${place(press)}?done=${await act(press)}`);
      } catch (error) {
        if (!(error instanceof HttpError) || error.status === 401) throw error;
        return page(show(frameFor(request, { tone: "bad", text: error.message }), press), error.status);
      }
    },
  };
}

function reasonIn(fields: URLSearchParams): string {
  const reason = fields.get("reason")?.trim();
  if (!reason) throw new HttpError(422, "Please give a reason: it is kept in the log.");
  return parse(operatorMoveSchema, { reason }).reason;
}

function commandIn(fields: URLSearchParams): NewCommand {
  const scent = fields.get("scent");
  return parse(newCommandSchema, { action: fields.get("action"), ...(scent !== null && { scent }) });
}

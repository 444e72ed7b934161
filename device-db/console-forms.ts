import type { Html } from "../plumbing/html.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, page, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Commands } from "./commands.ts";
import type { Frame, Notice } from "./console-layout.ts";
import type { Pages } from "./console-pages.ts";
import { toSignIn } from "./console-sign-in.ts";
import { type NewCommand, newCommandSchema } from "./contract.ts";
import { operatorMoveSchema, resumeSchema } from "./delivery-contract.ts";
import type { DeliveryOperations } from "./delivery-operations.ts";
import type { Guard } from "./guard.ts";
import { OPERATOR_MOVES } from "./operator-moves.ts";
import { parse } from "./parse.ts";
import type { Registry } from "./registry.ts";

/** What buttons do: the same as the API. */
export type Actions = {
  operations: Pick<DeliveryOperations, "operate" | "resume">;
  registry: Pick<Registry, "device" | "enable">;
  commands: Pick<Commands, "issue">;
};

type Deps = Actions & {
  guard: Guard;
  pages: Pages;
  frameFor: (request: HttpRequest, notice: Notice | undefined) => Frame;
};

type Press = { request: HttpRequest; fields: URLSearchParams };

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
  command: "The command is on its way to the pod; this page shows what becomes of it.",
  enable: "Enabled: it may connect again.",
  disable: "Disabled and cut off.",
};

/** What a button has led to, by the word in the address. */
export function noticeOf(done: string | null): Notice | undefined {
  const text = done === null || !Object.hasOwn(DONE, done) ? undefined : DONE[done];
  return text === undefined ? undefined : { tone: "good", text };
}

/** The console's buttons are forms; each comes back to its page with a word on what was done, or on why not. */
export function consoleForms({ guard, pages, frameFor, operations, registry, commands }: Deps): Route[] {
  const form = ({ path, act, place, show }: Form): Route => ({
    method: "POST",
    path,
    async handle(request) {
      const press = { request, fields: await request.form() };
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
  });

  const serialIn = ({ request }: Press): string => request.params["serial"] ?? "";
  const onDevice = (name: string, act: Form["act"]): Route =>
    form({
      path: `/console/devices/:serial/${name}`,
      act,
      place: (press) => `/devices/${encodeURIComponent(serialIn(press))}`,
      show: (frame, press) => pages.device(frame, serialIn(press)),
    });

  const idIn = ({ request }: Press): string => request.params["id"] ?? "";
  const deciding = (move: (typeof OPERATOR_MOVES)[number]): Route =>
    form({
      path: `/console/deliveries/:id/${move}`,
      async act(press) {
        await operations.operate(idIn(press), move, reasonIn(press.fields));
        return move;
      },
      place: (press) => `/deliveries/${encodeURIComponent(idIn(press))}`,
      show: (frame, press) => pages.delivery(frame, idIn(press), press.fields.get("reason") ?? ""),
    });

  return [
    ...OPERATOR_MOVES.map(deciding),
    form({
      path: "/console/lanes/resume",
      async act({ fields }) {
        await operations.resume(parse(resumeSchema, { serial: fields.get("serial") ?? undefined }).serial);
        return "resumed";
      },
      place: () => "/deliveries",
      show: (frame) => pages.deliveries(frame, new URLSearchParams()),
    }),
    onDevice("commands", async (press) => {
      await commands.issue(registry.device(serialIn(press)), commandIn(press.fields));
      return "command";
    }),
    ...(["enable", "disable"] as const).map((name) =>
      onDevice(name, async (press) => {
        await registry.enable(serialIn(press), name === "enable");
        return name;
      }),
    ),
  ];
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

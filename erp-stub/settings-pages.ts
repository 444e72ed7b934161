/** The settings for people and for programs. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import type { Html } from "../plumbing/html.ts";
import { HttpError, json, page } from "../plumbing/http-reply.ts";
import { parse } from "../plumbing/parse.ts";
import type { Access, Asked, ErpRoute } from "./access.ts";
import { newFaultSchema } from "./fault-contract.ts";
import { type Faults, MAX_FAULTS } from "./faults.ts";
import { parseFields } from "./field-errors.ts";
import { answerForm, type Returned } from "./form-answer.ts";
import type { FrameFor } from "./frame.ts";
import { settingsSchema } from "./operations-contract.ts";
import { settingsPage } from "./page-settings.ts";
import type { Action } from "./permissions.ts";
import { readSettings, type Settings } from "./settings.ts";

type Deps = { settings: Settings; faults: Faults | undefined; clock: Clock; frameFor: FrameFor };

const access = (action: Action, by: "key" | "page"): Access => ({ subject: "settings", action, by });

export function settingsRoutes(deps: Deps): ErpRoute[] {
  return [...apiRoutes(deps), ...formRoutes(deps), ...(deps.faults ? faultForms(deps, deps.faults) : [])];
}

function apiRoutes({ settings, clock }: Deps): ErpRoute[] {
  const shown = () => {
    const { allow, proxies, retentionDays } = settings.kept();
    return { allow, proxies, mode: settings.mode(), retention_days: retentionDays, fixed: settings.given };
  };
  return [
    { method: "GET", path: "/api/settings", access: access("read", "key"), handle: () => json(shown()) },
    {
      method: "PATCH",
      path: "/api/settings",
      access: access("write", "key"),
      handle: async ({ request, who }) => {
        const changes = readSettings(parseFields(settingsSchema, await request.json()));
        if (changes.mode !== undefined) refuseFixedMode(settings);
        await settings.change(changes, { at: isoTime(clock.now()), actor: who.name });
        return json(shown());
      },
    },
  ];
}

function refuseFixedMode({ given }: Settings): void {
  if (given.mode !== undefined) throw new HttpError(409, "The mode is fixed by ERP_MODE.");
}

function formRoutes(deps: Deps): ErpRoute[] {
  const { settings, clock } = deps;
  return [
    { method: "GET", path: "/settings", access: access("read", "page"), handle: (asked) => page(show(asked, deps)) },
    {
      method: "POST",
      path: "/settings",
      access: access("write", "page"),
      handle: (asked) => {
        const { form, who } = asked;
        const act = async () => {
          if (form.has("mode")) refuseFixedMode(settings);
          await settings.change(readSettings(bodyOf(form, settings)), { at: isoTime(clock.now()), actor: who.name });
          return "/settings?done=saved";
        };
        return answerForm({ form, act, show: (returned) => show(asked, deps, returned) });
      },
    },
  ];
}

/** Lists have an entry a line; what the environment fixes is not asked for. */
function bodyOf(form: URLSearchParams, { given }: Settings) {
  const lines = (name: string) => (form.get(name) ?? "").split(/[\s,]+/).filter((line) => line !== "");
  const days = (form.get("retention_days") ?? "").trim();
  const mode = form.get("mode") === "legacy" ? ("legacy" as const) : ("safe" as const);
  return {
    allow: lines("allow"),
    proxies: lines("proxies"),
    ...(given.mode === undefined && { mode }),
    retention_days: days === "" ? null : Number(days),
  };
}

function faultForms(deps: Deps, faults: Faults): ErpRoute[] {
  return [
    {
      method: "POST",
      path: "/settings/faults",
      access: { subject: "faults", action: "write", by: "page" },
      handle: (asked) => {
        const act = async () => {
          if (!faults.add(parse(newFaultSchema, faultIn(asked.form)))) {
            throw new HttpError(409, `There are ${String(MAX_FAULTS)} faults already: take one away first.`);
          }
          return "/settings?done=added#faults";
        };
        const showAgain = ({ notice }: Returned) => show(asked, deps, notice ? { notice } : {});
        return answerForm({ form: asked.form, act, show: showAgain });
      },
    },
    {
      method: "POST",
      path: "/settings/faults/:id/remove",
      access: { subject: "faults", action: "write", by: "page" },
      handle: (asked) => {
        const act = async () => {
          faults.remove(Number(asked.request.params["id"]));
          return "/settings?done=removed#faults";
        };
        return answerForm({ form: asked.form, act, show: (returned) => show(asked, deps, returned) });
      },
    },
  ];
}

function faultIn(form: URLSearchParams) {
  const number = (name: string) => (form.get(name)?.trim() ? Number(form.get(name)) : null);
  const ms = number("ms");
  return {
    kind: form.get("kind"),
    endpoint: form.get("endpoint"),
    times: number("times"),
    ...(ms !== null && { ms }),
  };
}

function show(asked: Asked, { settings, faults, frameFor }: Deps, { typed, notice }: Returned = {}): Html {
  const { allow, proxies, retentionDays } = settings.kept();
  const values = new URLSearchParams({
    allow: allow.join("\n"),
    proxies: proxies.join("\n"),
    retention_days: retentionDays === null ? "" : String(retentionDays),
  });
  const frame = frameFor(asked, notice);
  return settingsPage(frame, { settings, typed: typed ?? { values, errors: {} }, faults: faults?.list() });
}

import { mayCall } from "../../erp-stub/config.ts";
import { parseJson } from "../../plumbing/json.ts";
import { typed } from "../own-program.ts";
import { HOST } from "../parts.ts";
import type { Answer } from "./ask.ts";
import { advise, type Check, check, type Finding, failed, notChecked, ok, run, warning } from "./check.ts";
import type { Kit } from "./kit.ts";
import type { PartLook } from "./running-part.ts";
import { assign, remove } from "./shell.ts";
import { skewFinding } from "./verdicts.ts";

const TURNED_AWAY = [401, 403];

export const erpChecks: readonly Check[] = [
  check("ERP", reach),
  check("allow-list", allowList),
  check("ERP's clock", async ({ foreignErp }) => clockFinding(await foreignErp())),
];

async function reach(kit: Kit): Promise<Finding> {
  const answer = await kit.foreignErp();
  if (!answer) return bundled(kit);
  const url = kit.settings.ERP_URL ?? "";
  if (!answer.answered) {
    const fix = run(
      `curl -i -m 10 ${url}/`,
      `See what this machine gets; "${remove("ERP_URL")}" does without that ERP.`,
    );
    return failed(`nothing comes from ${url}: ${answer.reason}`, fix);
  }
  const detail = `${url} answers with ${String(answer.status)}`;
  if (answer.location !== undefined) {
    const advice = "Calls follow it nowhere: if it leads to the ERP, that is the address to give as ERP_URL.";
    return warning(`${detail}, which leads to ${answer.location}`, advise(advice));
  }
  return answer.status < 500 ? ok(detail) : warning(detail, advise("Tell the ERP's owner."));
}

async function bundled({ part, settings }: Kit): Promise<Finding> {
  const look = await part("erp");
  const url = `http://${HOST}:${String(settings.ERP_PORT)}`;
  if (look.who === "this kit" && look.failing.length === 0) return ok(`the bundled one at ${url}, ready`);
  const calls = (await part("device-db")).who === "this kit";
  if (!calls && look.who !== "this kit") return notChecked(`the bundled one; ${typed("start")} starts it`);
  return failed(`the bundled one does not answer at ${url} as it should`, run(typed("serve erp")));
}

async function allowList({ part, settings, foreignErp }: Kit): Promise<Finding> {
  const answer = await foreignErp();
  if (answer) return foreignList(answer);
  const list = inForce(await part("erp")) ?? settings.ERP_ALLOW;
  if (mayCall(list, HOST)) return ok(`${HOST}, where the device database calls from, is on it`);
  const whole = ["127.0.0.1", "::1", ...settings.ERP_ALLOW].join(",");
  return failed(
    `${HOST}, where the device database calls from, is not on it`,
    run(assign("ERP_ALLOW", whole), "Before the kit starts anew:"),
  );
}

/** What the environment gave a running ERP, and what an admin added. */
function inForce(look: PartLook): string[] | undefined {
  if (look.who !== "this kit") return undefined;
  const { allow, fixed } = parseJson(look.answer) as { allow: string[]; fixed: { allow: string[] } };
  return [...fixed.allow, ...allow];
}

function foreignList(answer: Answer): Finding {
  if (answer.answered && TURNED_AWAY.includes(answer.status)) {
    return warning(
      `that ERP turns this machine away with ${String(answer.status)}`,
      advise("Ask the ERP's owner to allow this machine's address."),
    );
  }
  return notChecked("that ERP's owner keeps it, and only a call that writes would show it");
}

function clockFinding(answer: Answer | undefined): Finding {
  if (!answer) return notChecked("the bundled one has this machine's");
  const clock = answer.answered ? answer.clock : undefined;
  return clock ? skewFinding(clock.ours - clock.theirs, "the ERP's") : notChecked("the ERP does not tell the time");
}

import { parseJson } from "../../plumbing/json.ts";
import { lanAddresses } from "../lan.ts";
import { typed } from "../own-program.ts";
import { DEMO_DEVICE, HOST } from "../parts.ts";
import { ask } from "./ask.ts";
import { check, type Finding, failed, notChecked, ok, run, warning } from "./check.ts";
import type { Kit } from "./kit.ts";

const FOR_PHONES = run(typed("start --lan"));
const ANEW = run(typed("start"), "Start the kit anew with the settings of now:");

/** Where a card's QR code leads, and whether a phone gets there. */
export const addressCheck = check("guests' address", async (kit) => {
  const { PUBLIC_URL, BOT_PORT } = kit.settings;
  const isRunning = (await kit.part("bot")).who === "this kit";
  if (!isRunning) return notChecked(`the bot does not run; ${wouldBe(PUBLIC_URL, BOT_PORT)}`);
  const url = await cardLink(kit);
  if (url === undefined) return notChecked("the bot knows no device that a card could be for");
  return addressFinding(url, { publicUrl: PUBLIC_URL, lan: lanAddresses(), answers: await isTheBot(url) });
});

function wouldBe(publicUrl: string | undefined, port: number): string {
  if (publicUrl !== undefined) return `cards will open ${publicUrl}`;
  const [lan] = lanAddresses();
  return lan === undefined
    ? "this machine has no address in a local network"
    : `with --lan phones reach http://${lan}:${String(port)}`;
}

async function cardLink({ settings, secrets, devices }: Kit): Promise<URL | undefined> {
  const serial = (await devices())?.find(({ enabled }) => enabled)?.serial ?? DEMO_DEVICE.serial;
  const key = { authorization: `Bearer ${secrets?.operatorKey ?? ""}` };
  const answer = await ask(`http://${HOST}:${String(settings.BOT_PORT)}/api/launch/${serial}`, key);
  if (!answer.answered || answer.status !== 200) return undefined;
  return new URL((parseJson(answer.text) as { url: string }).url);
}

async function isTheBot({ origin }: URL): Promise<boolean> {
  const answer = await ask(`${origin}/livez`);
  return answer.answered && answer.status === 200;
}

type Around = { publicUrl: string | undefined; lan: readonly string[]; answers: boolean };

export function addressFinding({ origin, hostname }: URL, { publicUrl, lan, answers }: Around): Finding {
  if (publicUrl !== undefined && origin !== publicUrl) {
    return warning(`cards open ${origin}, and not PUBLIC_URL ${publicUrl}`, ANEW);
  }
  if (hostname === HOST) return warning(`cards open ${origin}, which only this machine reaches`, FOR_PHONES);
  if (publicUrl === undefined && !lan.includes(hostname)) {
    return failed(`cards open ${origin}, and this machine's address is now ${lan.join(", ") || "none"}`, FOR_PHONES);
  }
  if (answers) return ok(`cards open ${origin}, where the bot answers`);
  const fix = publicUrl === undefined ? FOR_PHONES : run(`curl -i -m 10 ${origin}/livez`, "Look at the reverse proxy:");
  return warning(`cards open ${origin}, where the bot does not answer from here`, fix);
}

/** What the visits to a broker mean. */
import { typed } from "../own-program.ts";
import { type Admitted, admitted, type BrokerLook, FOR_PODS, REGISTRY, VERSION } from "./broker-look.ts";
import { advise, type Finding, failed, notChecked, ok, run } from "./check.ts";

const GUIDE = "docs/guides/your-broker.md";
export const USERS = advise(`Tell the broker the kit's users and passwords: ${GUIDE}, "Users and passwords".`);
const RULES = advise(`Give the broker the rules of docs/broker/mosquitto.acl: ${GUIDE}, "What each may do".`);
const PASSWORDS = advise(
  "Let the broker ask for passwords, as docs/broker/mosquitto.conf does: allow_anonymous false, password_file.",
);
const TRUST = advise(
  "Set MQTT_CA to the file with the certificate of who signed the broker's; what is said of certificates stands below.",
);
const ID_REJECTED = [0x02, 0x85];

type Around = { embedded: string; user: string | undefined; removeUrl: string };

/** Whether the kit has a broker, and which. */
export function reachFinding(look: BrokerLook, around: Around): Finding {
  const { url, isEmbedded, nameless } = look;
  if (nameless.state === "unreached") return unreachedFinding(url, nameless.reason, { isEmbedded, ...around });
  const refusal = refusalOf(look, around);
  if (refusal) return refusal;
  const protocols = look.speaks5 ? "MQTT 3.1.1 and 5" : "MQTT 3.1.1";
  return ok(`${isEmbedded ? around.embedded : versionOf(look.bot)} at ${url}, ${protocols}`);
}

type Unreached = { isEmbedded: boolean; removeUrl: string };

function unreachedFinding(url: string, reason: string, { isEmbedded, removeUrl }: Unreached): Finding {
  if (isEmbedded)
    return failed(
      `nobody answers at ${url}: ${reason}`,
      run(typed("start"), "Start the kit anew with the settings of now:"),
    );
  if (/certificate/.test(reason)) return failed(`${url} is not trusted: ${reason}`, TRUST);
  if (/server response/.test(reason))
    return failed(
      `who answers at ${url} is no broker: ${reason}`,
      run(removeUrl, "Correct MQTT_URL, or do without it:"),
    );
  return failed(`nobody answers at ${url}: ${reason}`, run(removeUrl, "Start that broker, or do without it:"));
}

function refusalOf({ url, bot, deviceDb }: BrokerLook, { user }: Around): Finding | undefined {
  for (const [name, visit] of [
    ["bot", bot],
    ["device-db", deviceDb],
  ] as const) {
    if (visit === undefined || visit === "connected" || visit.state === "admitted") continue;
    const detail = `${url} refuses "${user ?? name}": ${visit.reason}`;
    if (visit.state === "refused" && ID_REJECTED.includes(visit.code)) return notChecked(detail);
    return failed(detail, user === undefined ? USERS : advise("Correct MQTT_USER and MQTT_PASSWORD."));
  }
  return undefined;
}

function versionOf(bot: BrokerLook["bot"]): string {
  if (bot === "connected") return "the bot is connected; a broker of yours";
  const told = admitted(bot)?.heard.find(({ topic }) => topic === VERSION);
  return told ? told.text.slice(0, 60) : "a broker of yours, which tells no version,";
}

/** Whether those who have no account stay outside. */
export function strangersFinding({ nameless, madeUp }: BrokerLook): Finding {
  if (nameless.state === "unreached") return notChecked("nobody answers there");
  if (nameless.state === "admitted") return failed("whoever comes without a user name is let in", PASSWORDS);
  if (madeUp.state === "admitted") return failed("whoever comes with a made-up password is let in", PASSWORDS);
  if (madeUp.state === "unreached")
    return notChecked(`who came with a made-up password heard nothing: ${madeUp.reason}`);
  return ok("nobody is let in without a user name, nor with a made-up password");
}

/** Whether those who have an account hear only what is theirs. Only hearing is tried: a publish cannot be taken back. */
export function rulesFinding({ bot, pod }: BrokerLook): Finding {
  const asBot = admitted(bot);
  const asPod = admitted(pod);
  const [overheard] = asPod?.heard ?? [];
  if (overheard) return failed(`a pod hears ${overheard.topic}, which is not for it`, RULES);
  if (asBot?.denied.includes(REGISTRY)) return failed(`the bot is not granted ${REGISTRY}`, RULES);
  const evidence = [asBot && ofBot(asBot), asPod && ofPod(asPod, asBot)].filter((seen) => seen !== undefined);
  return evidence.length > 0
    ? ok(`${evidence.join(", ")}; publishing was not tried`)
    : notChecked(noEvidence(bot, pod));
}

function noEvidence(bot: BrokerLook["bot"], pod: BrokerLook["pod"]): string {
  if (bot === "connected" || pod === "connected") return "the accounts are connected; stop the kit to have them tried";
  return admitted(bot) || admitted(pod) ? "nothing is retained there that would show it" : "nobody was let in";
}

function ofBot({ denied }: Admitted): string | undefined {
  return denied.includes(FOR_PODS) ? `the bot is not granted ${FOR_PODS}` : undefined;
}

/** A broker may grant what it then hands nobody: that shows only where somebody else hears what is retained there. */
function ofPod({ granted, denied }: Admitted, asBot: Admitted | undefined): string | undefined {
  if (denied.includes(REGISTRY)) return `a pod is not granted ${REGISTRY}`;
  const isThere = granted.includes(REGISTRY) && asBot?.heard.some(({ topic }) => topic !== VERSION);
  return isThere ? `a pod hears nothing of ${REGISTRY}, where the bot does` : undefined;
}

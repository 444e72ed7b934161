import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { StartError } from "../../plumbing/start-error.ts";
import { brokerCa } from "../broker.ts";
import { withoutPeriod } from "../words.ts";
import { NO_ANSWER } from "./ask.ts";
import { advise, type Check, check, type Finding, type Fix, failed, notChecked } from "./check.ts";
import type { Kit } from "./kit.ts";
import { expiryFinding } from "./verdicts.ts";

const DEADLINE_MS = 5_000;
const ONE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PORTS: Record<string, number> = { "https:": 443, "wss:": 443, "mqtts:": 8883 };

export const certificateChecks: readonly Check[] = [
  check("MQTT_CA", authority),
  check("TLS of MQTT_URL", async ({ settings }) => {
    const fix = advise("Renew the broker's certificate, or name its authority's file in MQTT_CA.");
    return peerFinding(settings.MQTT_URL, { fix, ca: caOf(settings) });
  }),
  check("TLS of ERP_URL", ({ settings }) =>
    peerFinding(settings.ERP_URL, {
      fix: advise("Ask the ERP's owner to renew it; NODE_EXTRA_CA_CERTS names the file of an authority of your own."),
    }),
  ),
  check("TLS of PUBLIC_URL", ({ settings }) =>
    peerFinding(settings.PUBLIC_URL, { fix: advise("Renew the certificate of the reverse proxy.") }),
  ),
];

function authority({ settings }: Kit): Finding {
  if (settings.MQTT_CA === undefined) return notChecked("not set");
  const fix = advise(`Get the file anew from whoever runs the broker: ${settings.MQTT_CA}.`);
  try {
    const certificates = (brokerCa(settings) ?? "").match(ONE) ?? [];
    const ends = certificates.map((pem) => new X509Certificate(pem).validToDate);
    return expiryFinding(new Date(Math.min(...ends.map(Number))), Date.now(), fix);
  } catch (error) {
    if (error instanceof StartError) return failed(withoutPeriod(error.message), fix);
    throw error;
  }
}

function caOf(settings: Kit["settings"]): string | undefined {
  try {
    return brokerCa(settings);
  } catch {
    return undefined;
  }
}

type Trust = { fix: Fix; ca?: string | undefined };

async function peerFinding(url: string | undefined, { fix, ca }: Trust): Promise<Finding> {
  if (url === undefined) return notChecked("there is none");
  const { protocol, hostname, port } = new URL(url);
  const usual = PORTS[protocol];
  if (usual === undefined) return notChecked(`${url} is not encrypted`);
  const host = hostname.replace(/^\[|\]$/g, "");
  const peer = await certificateOf({ host, port: Number(port) || usual, ca });
  if (typeof peer === "string") return notChecked(`nothing comes from ${url}: ${peer}`);
  const finding = expiryFinding(peer.validTo, Date.now(), fix);
  if (finding.state === "failed" || peer.problem === undefined) return finding;
  return failed(`not good for ${hostname}: ${peer.problem}`, fix);
}

type Peer = { validTo: Date; problem: string | undefined };

/** The certificate that a server shows and what is wrong with it, or why it shows none. Nothing else is said to it. */
function certificateOf({
  host,
  port,
  ca,
}: {
  host: string;
  port: number;
  ca: string | undefined;
}): Promise<Peer | string> {
  const { promise, resolve } = Promise.withResolvers<Peer | string>();
  const servername = /[a-z]/i.test(host) && !host.includes(":") ? host : "";
  const trust = ca === undefined ? {} : { ca };
  // Whatever is wrong with it is what is asked for, and to a server that is not trusted nothing is said.
  const socket = connect({ host, port, servername, ...trust, rejectUnauthorized: false }, () => {
    const shown = socket.getPeerX509Certificate();
    const problem = socket.authorized ? undefined : String(socket.authorizationError);
    resolve(shown ? { validTo: shown.validToDate, problem } : "it shows none");
    socket.destroy();
  });
  socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error(NO_ANSWER)));
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.message || (error.code ?? "")));
  return promise;
}

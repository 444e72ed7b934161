import { setImmediate } from "node:timers/promises";
import type { Device } from "../device-db/contract.ts";
import type { Html } from "../plumbing/html.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, json, page, type Reply, text } from "../plumbing/http-reply.ts";
import { cardsRequestSchema } from "./contract.ts";
import { LANGUAGES, type Language, languageOf } from "./languages.ts";

export type LaunchDeps = {
  device: (serial: string) => Device | undefined;
  launchUrl: (serial: string) => string | undefined;
};

type Launch = { device: Device; url: string };

/** Launch links as pictures and on cards to print. */
export function launchRoutes(deps: LaunchDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/api/launch/:serial",
      handle: ({ params, query }) => launchAs(query.get("as") ?? "json", launchOf(deps, params["serial"])),
    },
    {
      method: "POST",
      path: "/api/cards",
      handle: async (request) => {
        const { serials, languages } = readCardsRequest(await request.json());
        return printCards(
          serials.map((serial) => launchOf(deps, serial)),
          languages,
        );
      },
    },
  ];
}

function launchOf({ device, launchUrl }: LaunchDeps, serial = ""): Launch {
  const launch = { device: device(serial), url: launchUrl(serial) };
  if (launch.device && launch.url) return launch as Launch;
  throw new HttpError(404, `No device "${serial}" is registered. See: aromapod devices ls`);
}

async function launchAs(format: string, { device, url }: Launch): Promise<Reply> {
  // Loaded when somebody asks first: a start should not pay for it.
  const { qrPng, qrSvg, qrTerminal, qrText } = await import("./qr.ts");
  switch (format) {
    case "json":
      return json({ serial: device.serial, url, keyVersion: device.keyVersion });
    case "terminal":
      return text(await qrTerminal(url));
    case "text":
      return text(await qrText(url));
    case "svg":
      return text(await qrSvg(url), 200, "image/svg+xml");
    case "png":
      return {
        status: 200,
        headers: { "content-type": "image/png", "cache-control": "no-store" },
        body: await qrPng(url),
      };
    default:
      throw new HttpError(422, `"as" must be json, terminal, text, svg or png.`);
  }
}

function readCardsRequest(body: unknown): { serials: string[]; languages: Language[] } {
  const wanted = cardsRequestSchema.safeParse(body);
  if (!wanted.success) {
    const [issue] = wanted.error.issues;
    throw new HttpError(422, `${issue?.path.join(".") || "The body"}: ${issue?.message ?? "is not acceptable"}.`);
  }
  const { serials, languages } = wanted.data;
  return { serials, languages: [...new Set(languages.map(spokenLanguage))] };
}

function spokenLanguage(tag: string): Language {
  const language = languageOf(tag);
  if (language) return language;
  const known = LANGUAGES.map((ours) => ours.tag).join(", ");
  throw new HttpError(422, `There are no cards in the language "${tag}"; there are some in ${known}.`);
}

async function printCards(launches: readonly Launch[], languages: readonly Language[]): Promise<Reply> {
  const { qrSvgBare } = await import("./qr.ts");
  const { cardDocument, roomCard } = await import("./room-card.ts");
  const cards: Html[] = [];
  for (const { device, url } of launches) {
    cards.push(roomCard(device, await qrSvgBare(url), languages));
    // A hotel's codes take seconds, and its guests are not to wait for them.
    await setImmediate();
  }
  const rooms = launches.map(({ device }) => device.room);
  return page(cardDocument(cards, rooms, languages[0]));
}

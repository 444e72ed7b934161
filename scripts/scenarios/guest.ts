/** A guest of a scenario: with nothing but the launch link, by programs or in a browser. */
import type { GuestNote, GuestView } from "../../bot/contract.ts";
import type { Saying } from "./outcome.ts";

/** Something that the bot said, in its order. */
export type Heard = Pick<Saying, "type" | "text" | "choices">;

export type ScenarioGuest = {
  /** Opens the page and begins the session; resolves with its id. */
  scan: (language?: string) => Promise<string>;
  /** Loads the page again, and goes on with the same session if that is still open. */
  reload: () => Promise<void>;
  /** All that the bot has said so far. */
  heard: () => Promise<Heard[]>;
  /** Writes something; resolves with why the chat does not take it, if it does not. */
  say: (text: string) => Promise<string | undefined>;
  /** Taps buttons at the same moment, by a scent or what stands on them; resolves with what each was refused for. */
  tap: (buttons: readonly string[]) => Promise<(string | undefined)[]>;
  /** What the page knows of the session. */
  view: () => Promise<GuestView & { note?: GuestNote }>;
  /** What the phone shows, as a PNG. */
  screenshot?: () => Promise<Uint8Array>;
  close: () => Promise<void>;
};

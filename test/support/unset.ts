import { SETTING_NAMES } from "../../scripts/settings.ts";

/** Hides what the environment of the tests or a `.env` says, such as the address of a real ERP: empty is absent. */
export const UNSET: Record<string, string> = Object.fromEntries(SETTING_NAMES.map((name) => [name, ""]));

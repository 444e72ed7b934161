import { z } from "zod";
import { portSetting } from "../plumbing/config.ts";
import { addressProblem, createAllowList, networkProblem } from "./addresses.ts";
import { ERP_MODES, type ErpMode } from "./contract.ts";
import type { MasterData } from "./store.ts";

export const erpSettings = {
  ERP_PORT: portSetting(8000),
  ERP_MODE: z.enum(ERP_MODES, "must be safe or legacy").optional().meta({
    description:
      "`safe`: the ERP honours `Idempotency-Key`. `legacy`: it executes every call. The device database takes the ERP for that, and the bundled one behaves like it. Unset, it is `safe` for the bundled ERP, whose settings page may change how it behaves, and `legacy` for `ERP_URL`.",
    example: "safe",
  }),
  ERP_SEED: z
    .enum(["demo", "empty"], "must be demo or empty")
    .default("demo")
    .describe("What it holds at first: a `demo` hotel, or nothing."),
  ERP_ALLOW: listSetting("127.0.0.1,::1", networkProblem).describe(
    "Addresses and networks of the device databases that may call it without a key, separated by commas.",
  ),
  ERP_PROXIES: listSetting("", addressProblem).meta({
    description: "Addresses of the proxies whose `X-Forwarded-For` is believed, separated by commas.",
    example: "10.0.0.2",
  }),
};

/** Whether a device database at `address` may call an ERP with this allow-list. */
export function mayCall(allow: readonly string[], address: string): boolean {
  return createAllowList(allow)(address);
}

export type ErpConfig = {
  host: string;
  port: number;
  dataDir: string;
  /** Fixes the mode; unset, an admin may choose. */
  mode: ErpMode | undefined;
  seed: "demo" | "empty";
  /** What a hotel has beside the demo's: as for a fleet of simulated devices. */
  hotel?: Pick<MasterData, "devices" | "schedules">;
  allow: readonly string[];
  /** Nobody, unless said. */
  proxies?: readonly string[];
  apiKey: string;
  publicUrl?: string | undefined;
  /** Whether faults can be ordered. */
  faults: boolean;
};

function listSetting(fallback: string, problemOf: (entry: string) => string | undefined) {
  return z
    .string()
    .default(fallback)
    .transform((list) => (list === "" ? [] : list.split(",").map((entry) => entry.trim())))
    .superRefine((list, context) => {
      const problem = list.map(problemOf).find((found) => found !== undefined);
      if (problem) context.addIssue({ code: "custom", message: `${problem}; several are separated by commas` });
    });
}

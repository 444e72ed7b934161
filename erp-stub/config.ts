import { z } from "zod";
import { portSetting } from "../plumbing/config.ts";
import { addressProblem, networkProblem } from "./addresses.ts";
import { ERP_MODES, type ErpMode } from "./contract.ts";
import type { MasterData } from "./store.ts";

export const erpSettings = {
  ERP_PORT: portSetting(8000),
  ERP_MODE: z.enum(ERP_MODES, "must be safe or legacy").optional(),
  ERP_SEED: z.enum(["demo", "empty"], "must be demo or empty").default("demo"),
  /** Addresses and networks of device databases that may call the two endpoints without a key. */
  ERP_ALLOW: listSetting("127.0.0.1,::1", networkProblem),
  /** Addresses of proxies that tell by `X-Forwarded-For` whose call it is. */
  ERP_PROXIES: listSetting("", addressProblem),
};

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

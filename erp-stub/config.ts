import { isIP } from "node:net";
import { z } from "zod";
import { portSetting } from "../plumbing/config.ts";
import { ERP_MODES, type ErpMode } from "./contract.ts";
import type { MasterData } from "./store.ts";

export const erpSettings = {
  ERP_PORT: portSetting(8000),
  ERP_MODE: z.enum(ERP_MODES, "must be safe or legacy").optional(),
  ERP_SEED: z.enum(["demo", "empty"], "must be demo or empty").default("demo"),
  /** Addresses and networks of device databases that may call `GET /device/switch`. */
  ERP_ALLOW: z
    .string()
    .default("127.0.0.1,::1")
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .refine((list) => list.every(isNetwork), "must be addresses or networks, separated by commas, such as 10.0.0.0/24"),
};

export type ErpConfig = {
  host: string;
  port: number;
  dataDir: string;
  mode: ErpMode;
  seed: "demo" | "empty";
  /** What a hotel has beside the demo's: as for a fleet of simulated devices. */
  hotel?: Pick<MasterData, "devices" | "schedules">;
  allow: readonly string[];
  apiKey: string;
};

function isNetwork(entry: string): boolean {
  const [address = "", prefix, ...rest] = entry.split("/");
  const bits = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}

import { openKit, openKitOfProcesses } from "./kit.ts";

/** Both modes of the ERP, with all parts in one process and with each in its own, started in orders of no help. */
export const KITS = [
  { name: "safe mode, one process", open: () => openKit("safe") },
  {
    name: "safe mode, a process for each part",
    open: () => openKitOfProcesses("safe", ["bot", "erp", "device-sim", "device-db"]),
  },
  { name: "legacy mode, one process", open: () => openKit("legacy") },
  {
    name: "legacy mode, a process for each part",
    open: () => openKitOfProcesses("legacy", ["device-sim", "bot", "device-db", "erp"]),
  },
] as const;

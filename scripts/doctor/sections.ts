import { brokerChecks } from "./broker.ts";
import { certificateChecks } from "./certificates.ts";
import type { Section } from "./check.ts";
import { folderChecks } from "./data-folder.ts";
import { erpChecks } from "./erp.ts";
import { machineChecks } from "./machine.ts";
import { portChecks } from "./ports.ts";
import { runningChecks } from "./running.ts";
import { settingsChecks } from "./settings-checks.ts";
import { storeChecks } from "./stores.ts";

/** All that is checked, as it is shown. */
export const SECTIONS: readonly Section[] = [
  { title: "This machine", checks: machineChecks },
  { title: "Settings", checks: settingsChecks },
  { title: "Data folder", checks: [...folderChecks, ...storeChecks] },
  { title: "Ports", checks: portChecks },
  { title: "Running parts", checks: runningChecks },
  { title: "Broker", checks: brokerChecks },
  { title: "ERP", checks: erpChecks },
  { title: "Certificates", checks: certificateChecks },
];

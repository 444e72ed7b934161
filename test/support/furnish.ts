import { join } from "node:path";
import { openDeviceDbStore } from "../../device-db/store.ts";
import { DEMO_DATA } from "../../erp-stub/demo.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { createLog } from "../../plumbing/log.ts";
import { hashSecret } from "../../plumbing/secret.ts";

/** Makes devices, each with its password, known to a device database and an ERP before these are started. */
export async function furnish(dataDir: string, passwords: Readonly<Record<string, string>>): Promise<void> {
  const store = openDeviceDbStore(join(dataDir, "device-db.sqlite"), createLog("silent"));
  await Promise.all(
    Object.entries(passwords).map(([serial, password]) =>
      store.registry.add({ serial, room: serial, timeZone: "Etc/UTC" }, hashSecret(password)),
    ),
  );
  await store.close();
  const erp = openErpStore(join(dataDir, "erp.sqlite"));
  const devices = Object.keys(passwords).map((serial) => ({ serial, room: serial }));
  await erp.seed({ ...DEMO_DATA, devices }, new Date().toISOString());
  await erp.close();
}

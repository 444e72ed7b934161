import type { Sqlite } from "../plumbing/sqlite.ts";
import { type Device, MAX_KEY_VERSION, type NewDevice } from "./contract.ts";

type DeviceRow = {
  serial: string;
  room: string;
  time_zone: string;
  key_version: number;
  enabled: number;
  secret_hash: string;
};

/** The device registry. Secrets are kept as SHA-256 of 256 random bits. */
export function openRegistryStore(db: Sqlite) {
  const find = db.prepare("SELECT * FROM devices WHERE serial = ?");
  const list = db.prepare("SELECT * FROM devices ORDER BY serial");
  const add = db.prepare(
    "INSERT INTO devices (serial, room, time_zone, secret_hash) VALUES (:serial, :room, :timeZone, :secretHash) ON CONFLICT DO NOTHING",
  );
  const rotate = db.prepare("UPDATE devices SET key_version = key_version + 1 WHERE serial = ? AND key_version < ?");

  return {
    find(serial: string): Device | undefined {
      const row = find.get(serial) as DeviceRow | undefined;
      return row && deviceOf(row);
    },

    list: (): Device[] => (list.all() as DeviceRow[]).map(deviceOf),

    /** The stored hash of an enabled device's secret. */
    secretHash(serial: string): string | undefined {
      const row = find.get(serial) as DeviceRow | undefined;
      return row?.enabled === 1 ? row.secret_hash : undefined;
    },

    /** False when the serial is registered already; then nothing changes. */
    async add(device: NewDevice, secretHash: string): Promise<boolean> {
      const { changes } = await db.write(() => add.run({ ...device, secretHash }));
      return changes === 1;
    },

    /** Older links of the device are no longer good; false when there is no such device or no further version. */
    async rotateLink(serial: string): Promise<boolean> {
      const { changes } = await db.write(() => rotate.run(serial, MAX_KEY_VERSION));
      return changes === 1;
    },
  };
}

function deviceOf(row: DeviceRow): Device {
  return {
    serial: row.serial,
    room: row.room,
    timeZone: row.time_zone,
    keyVersion: row.key_version,
    enabled: row.enabled === 1,
  };
}

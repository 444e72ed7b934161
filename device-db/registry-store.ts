import type { Sqlite } from "../plumbing/sqlite.ts";
import { type Device, MAX_KEY_VERSION, type NewDevice } from "./contract.ts";

type DeviceRow = {
  serial: string;
  room: string;
  time_zone: string;
  key_version: number;
  enabled: number;
  simulated: number;
  secret_hash: string;
};

/** A device as everybody may see it, and what it is. */
export type RegisteredDevice = Device & { simulated: boolean };

export type RegistryStore = ReturnType<typeof openRegistryStore>;

/** The device registry. Secrets are kept as SHA-256 of 256 random bits. */
export function openRegistryStore(db: Sqlite) {
  const find = db.prepare("SELECT * FROM devices WHERE serial = ?");
  const list = db.prepare("SELECT * FROM devices ORDER BY serial");
  const isEnabled = db.prepare("SELECT enabled FROM devices WHERE serial = ?").pluck();
  const add = db.prepare(
    `INSERT INTO devices (serial, room, time_zone, simulated, secret_hash)
     VALUES (:serial, :room, :timeZone, :simulated, :secretHash) ON CONFLICT DO NOTHING`,
  );
  const enable = db.prepare("UPDATE devices SET enabled = ? WHERE serial = ?");
  const changeSecret = db.prepare("UPDATE devices SET secret_hash = ? WHERE serial = ?");
  const rotateLink = db.prepare(
    "UPDATE devices SET key_version = key_version + 1 WHERE serial = ? AND key_version < ?",
  );

  return {
    find(serial: string): RegisteredDevice | undefined {
      const row = find.get(serial) as DeviceRow | undefined;
      return row && deviceOf(row);
    },

    list: (): RegisteredDevice[] => (list.all() as DeviceRow[]).map(deviceOf),

    /** False for a disabled device, and for one that is not registered. */
    isEnabled: (serial: string): boolean => isEnabled.get(serial) === 1,

    /** The stored hash of an enabled device's secret. */
    secretHash(serial: string): string | undefined {
      const row = find.get(serial) as DeviceRow | undefined;
      return row?.enabled === 1 ? row.secret_hash : undefined;
    },

    /** False when the serial is registered already; then nothing changes. */
    async add(device: NewDevice, secretHash: string): Promise<boolean> {
      const { changes } = await db.write(() => add.run({ ...device, simulated: device.simulated ? 1 : 0, secretHash }));
      return changes === 1;
    },

    enable: (serial: string, enabled: boolean) => db.write(() => enable.run(enabled ? 1 : 0, serial)),

    changeSecret: (serial: string, secretHash: string) => db.write(() => changeSecret.run(secretHash, serial)),

    /** Older links of the device are no longer good; false when there is no such device or no further version. */
    async rotateLink(serial: string): Promise<boolean> {
      const { changes } = await db.write(() => rotateLink.run(serial, MAX_KEY_VERSION));
      return changes === 1;
    },
  };
}

function deviceOf(row: DeviceRow): RegisteredDevice {
  return {
    serial: row.serial,
    room: row.room,
    timeZone: row.time_zone,
    keyVersion: row.key_version,
    enabled: row.enabled === 1,
    simulated: row.simulated === 1,
  };
}

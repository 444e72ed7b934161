/** A device stands in one room at a time; while it stands there, its end is open. */
const OVERLAPS = `EXISTS (
  SELECT 1 FROM device_setups AS other
  WHERE other.device_id = NEW.device_id AND other.id IS NOT NEW.id
    AND other.installed_at < coalesce(NEW.ended_at, '9999') AND NEW.installed_at < coalesce(other.ended_at, '9999'))`;

/** The schema, one script per version; a released one is never changed. */
export const MIGRATIONS = [
  `CREATE TABLE corporations (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE TABLE clients (
     id INTEGER PRIMARY KEY,
     corporation_id INTEGER NOT NULL REFERENCES corporations (id),
     name TEXT NOT NULL,
     client_type TEXT NOT NULL CHECK (client_type IN ('hotel', 'spa')),
     time_zone TEXT NOT NULL,
     charge_rate_cents INTEGER NOT NULL CHECK (charge_rate_cents >= 0),
     charge_unit TEXT NOT NULL CHECK (charge_unit IN ('daily', 'hourly')),
     UNIQUE (corporation_id, name)
   ) STRICT;
   CREATE TABLE rooms (
     id INTEGER PRIMARY KEY,
     client_id INTEGER NOT NULL REFERENCES clients (id),
     name TEXT NOT NULL,
     UNIQUE (client_id, name)
   ) STRICT;
   CREATE TABLE device_types (
     id INTEGER PRIMARY KEY,
     code TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL
   ) STRICT;
   CREATE TABLE devices (
     id INTEGER PRIMARY KEY,
     device_type_id INTEGER NOT NULL REFERENCES device_types (id),
     serial TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE TABLE device_setups (
     id INTEGER PRIMARY KEY,
     device_id INTEGER NOT NULL REFERENCES devices (id),
     room_id INTEGER NOT NULL REFERENCES rooms (id),
     installed_at TEXT NOT NULL,
     ended_at TEXT
   ) STRICT;
   CREATE UNIQUE INDEX device_setups_current ON device_setups (device_id) WHERE ended_at IS NULL;
   CREATE TABLE scents (
     id INTEGER PRIMARY KEY,
     code TEXT NOT NULL COLLATE NOCASE UNIQUE,
     name TEXT NOT NULL
   ) STRICT;
   CREATE TABLE schedules (
     id INTEGER PRIMARY KEY,
     start_time TEXT NOT NULL,
     end_time TEXT NOT NULL,
     UNIQUE (start_time, end_time)
   ) STRICT;
   CREATE TABLE device_usages (
     id INTEGER PRIMARY KEY,
     ref TEXT,
     device_id INTEGER NOT NULL REFERENCES devices (id),
     room_id INTEGER NOT NULL REFERENCES rooms (id),
     scent_id INTEGER NOT NULL REFERENCES scents (id),
     schedule_id INTEGER REFERENCES schedules (id),
     status TEXT NOT NULL CHECK (status IN ('checkin', 'checkout', 'timein', 'timeout')),
     source TEXT NOT NULL CHECK (source IN ('webhook', 'manual')),
     checkin_at TEXT NOT NULL,
     timein_at TEXT,
     timeout_at TEXT,
     checkout_at TEXT,
     request TEXT NOT NULL
   ) STRICT;
   CREATE INDEX device_usages_of_device ON device_usages (device_id);
   CREATE TABLE requests (
     id INTEGER PRIMARY KEY,
     at TEXT NOT NULL,
     request TEXT NOT NULL,
     ref TEXT,
     fingerprint TEXT NOT NULL,
     usage_id INTEGER REFERENCES device_usages (id),
     status_code INTEGER NOT NULL,
     answer TEXT NOT NULL
   ) STRICT;
   CREATE INDEX requests_by_ref ON requests (ref) WHERE ref IS NOT NULL;`,
  `ALTER TABLE clients RENAME COLUMN time_zone TO timezone;
   ALTER TABLE device_usages ADD COLUMN client_id INTEGER REFERENCES clients (id);
   UPDATE device_usages SET client_id = (SELECT client_id FROM rooms WHERE rooms.id = room_id);
   ALTER TABLE device_usages ADD COLUMN previous_id INTEGER;
   ALTER TABLE devices ADD COLUMN latest_usage_id INTEGER;
   UPDATE device_usages SET previous_id = (SELECT max(id) FROM device_usages AS earlier
     WHERE earlier.device_id = device_usages.device_id AND earlier.id < device_usages.id);
   UPDATE devices SET latest_usage_id = (SELECT max(id) FROM device_usages WHERE device_id = devices.id);
   DROP INDEX device_usages_of_device;
   CREATE INDEX device_usages_of_client ON device_usages (client_id, checkin_at, device_id);
   CREATE TABLE usage_intervals (
     id INTEGER PRIMARY KEY,
     usage_id INTEGER NOT NULL REFERENCES device_usages (id),
     timein_at TEXT NOT NULL,
     timeout_at TEXT
   ) STRICT;
   CREATE INDEX usage_intervals_of_usage ON usage_intervals (usage_id);
   INSERT INTO usage_intervals (usage_id, timein_at, timeout_at)
     SELECT id, timein_at, iif(timeout_at >= timein_at, timeout_at, checkout_at) FROM device_usages WHERE timein_at IS NOT NULL;
   ALTER TABLE requests ADD COLUMN remote TEXT NOT NULL DEFAULT '';
   ALTER TABLE requests ADD COLUMN outcome TEXT NOT NULL DEFAULT 'executed'
     CHECK (outcome IN ('executed', 'replayed', 'refused'));
   DROP INDEX requests_by_ref;
   CREATE INDEX requests_by_ref ON requests (ref) WHERE ref IS NOT NULL AND usage_id IS NOT NULL;
   CREATE INDEX requests_refused ON requests (id) WHERE outcome = 'refused';
   CREATE TABLE customers (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT,
     email TEXT NOT NULL UNIQUE,
     phone TEXT,
     gender TEXT CHECK (gender IN ('m', 'f')),
     age INTEGER,
     birthdate TEXT,
     preferences TEXT,
     created_at TEXT NOT NULL,
     updated_at TEXT NOT NULL
   ) STRICT;
   CREATE INDEX customers_by_update ON customers (updated_at);
   CREATE TABLE payments (
     id INTEGER PRIMARY KEY,
     client_id INTEGER NOT NULL REFERENCES clients (id),
     paid_on TEXT NOT NULL,
     amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
     note TEXT,
     source TEXT NOT NULL DEFAULT 'manual' CHECK (source IN ('webhook', 'manual'))
   ) STRICT;
   CREATE INDEX payments_of_client ON payments (client_id, paid_on);
   CREATE TABLE users (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     email TEXT NOT NULL COLLATE NOCASE UNIQUE,
     role TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'viewer')),
     client_id INTEGER REFERENCES clients (id),
     password_hash TEXT,
     invite_hash TEXT UNIQUE,
     invite_until TEXT
   ) STRICT;
   CREATE TABLE sessions (
     token_hash TEXT PRIMARY KEY,
     user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
     until TEXT NOT NULL
   ) STRICT;
   CREATE INDEX sessions_of_user ON sessions (user_id);
   CREATE TABLE api_keys (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     role TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'viewer')),
     client_id INTEGER REFERENCES clients (id),
     key_hash TEXT NOT NULL UNIQUE,
     created_at TEXT NOT NULL
   ) STRICT;
   CREATE TABLE settings (
     name TEXT PRIMARY KEY,
     value TEXT NOT NULL
   ) STRICT;
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY,
     at TEXT NOT NULL,
     actor TEXT NOT NULL,
     action TEXT NOT NULL,
     resource TEXT NOT NULL,
     row_id INTEGER,
     changes TEXT NOT NULL
   ) STRICT;
   CREATE INDEX device_setups_of_device ON device_setups (device_id, installed_at);
   CREATE TRIGGER device_setups_added BEFORE INSERT ON device_setups WHEN ${OVERLAPS}
     BEGIN SELECT raise(ABORT, 'device_setups overlap'); END;
   CREATE TRIGGER device_setups_changed BEFORE UPDATE ON device_setups WHEN ${OVERLAPS}
     BEGIN SELECT raise(ABORT, 'device_setups overlap'); END;
   CREATE TRIGGER device_setups_added_backwards BEFORE INSERT ON device_setups WHEN NEW.ended_at < NEW.installed_at
     BEGIN SELECT raise(ABORT, 'device_setups end before they begin'); END;
   CREATE TRIGGER device_setups_changed_backwards BEFORE UPDATE ON device_setups WHEN NEW.ended_at < NEW.installed_at
     BEGIN SELECT raise(ABORT, 'device_setups end before they begin'); END;`,
  // A call that opened a usage is journaled by that usage, which then has its address; it has no row in requests.
  // SQLite walks both halves of the view in order, instead of sorting all of it, only if their columns are of one type.
  `ALTER TABLE device_usages ADD COLUMN remote TEXT;
   CREATE INDEX device_usages_by_ref ON device_usages (ref) WHERE ref IS NOT NULL AND remote IS NOT NULL;
   CREATE TABLE removed_usages (highest INTEGER NOT NULL) STRICT;
   INSERT INTO removed_usages VALUES (0);
   CREATE TRIGGER device_usages_removed AFTER DELETE ON device_usages
     BEGIN UPDATE removed_usages SET highest = max(highest, OLD.id); END;
   CREATE VIEW calls (id, at, request, remote, ref, outcome, fingerprint, usage_id, status_code, answer) AS
     SELECT id, at, request, remote, ref, outcome, fingerprint, usage_id, status_code, answer FROM requests
     UNION ALL
     SELECT id, checkin_at, request, remote, ref, CAST('executed' AS TEXT), CAST('' AS TEXT), id, CAST(200 AS INTEGER),
       CAST('' AS TEXT) FROM device_usages WHERE remote IS NOT NULL;`,
];

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
];

/** What each version of the store adds: appended, never changed. */

const INITIAL = `CREATE TABLE devices (
     serial TEXT PRIMARY KEY,
     room TEXT NOT NULL,
     time_zone TEXT NOT NULL,
     key_version INTEGER NOT NULL DEFAULT 1,
     enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
     secret_hash TEXT NOT NULL
   ) STRICT;

   CREATE TABLE journal (
     n INTEGER PRIMARY KEY,
     event_id TEXT NOT NULL UNIQUE,
     serial TEXT NOT NULL REFERENCES devices (serial),
     session_id TEXT,
     seq INTEGER NOT NULL,
     payload TEXT NOT NULL,
     received_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX journal_by_session ON journal (session_id);

   CREATE TABLE deliveries (
     n INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE REFERENCES journal (event_id),
     serial TEXT NOT NULL,
     session_id TEXT,
     status TEXT NOT NULL,
     scent TEXT NOT NULL,
     start_time TEXT,
     end_time TEXT,
     state TEXT NOT NULL CHECK (state IN ('pending', 'inflight', 'delivered', 'uncertain', 'held', 'dead', 'discarded')),
     attempts INTEGER NOT NULL DEFAULT 0,
     absences INTEGER NOT NULL DEFAULT 0,
     due_at INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     evidence TEXT
   ) STRICT;
   CREATE INDEX deliveries_open ON deliveries (serial, n) WHERE state IN ('pending', 'inflight', 'uncertain', 'held');

   CREATE TABLE sessions (
     id TEXT PRIMARY KEY,
     serial TEXT NOT NULL,
     state TEXT NOT NULL,
     answer TEXT,
     scent TEXT,
     command_id TEXT,
     command_state TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE hops (
     session_id TEXT NOT NULL,
     n INTEGER NOT NULL,
     at INTEGER NOT NULL,
     part TEXT NOT NULL,
     name TEXT NOT NULL,
     ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
     detail TEXT NOT NULL,
     PRIMARY KEY (session_id, n)
   ) STRICT, WITHOUT ROWID;`;

/** Every change of a delivery's state is logged and counted by the store itself, whoever makes it. */
const DELIVERY_LOG = `
   ALTER TABLE deliveries ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE deliveries ADD COLUMN waiting_since INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE deliveries ADD COLUMN baseline INTEGER;
   ALTER TABLE deliveries ADD COLUMN traceparent TEXT;
   ALTER TABLE deliveries ADD COLUMN flow_id TEXT NOT NULL DEFAULT '';
   UPDATE deliveries SET changed_at = created_at, waiting_since = created_at, flow_id = coalesce(session_id, id);

   CREATE TABLE delivery_log (
     delivery INTEGER NOT NULL,
     n INTEGER NOT NULL,
     at INTEGER NOT NULL,
     from_state TEXT,
     to_state TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     evidence TEXT,
     PRIMARY KEY (delivery, n)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO delivery_log (delivery, n, at, to_state, attempts, evidence)
     SELECT n, 1, created_at, state, attempts, evidence FROM deliveries ORDER BY n;

   CREATE TABLE delivery_counts (state TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO delivery_counts VALUES ('created', 0), ('pending', 0), ('inflight', 0), ('delivered', 0), ('uncertain', 0),
     ('held', 0), ('dead', 0), ('discarded', 0);
   UPDATE delivery_counts SET number = (SELECT count(*) FROM deliveries WHERE delivery_counts.state IN (deliveries.state, 'created'));

   CREATE TRIGGER delivery_created AFTER INSERT ON deliveries BEGIN
     INSERT INTO delivery_log (delivery, n, at, from_state, to_state, attempts, evidence)
       VALUES (NEW.n, 1, NEW.changed_at, NULL, NEW.state, NEW.attempts, NEW.evidence);
     UPDATE delivery_counts SET number = number + 1 WHERE state IN ('created', NEW.state);
   END;
   CREATE TRIGGER delivery_changed AFTER UPDATE OF state ON deliveries WHEN OLD.state <> NEW.state BEGIN
     INSERT INTO delivery_log (delivery, n, at, from_state, to_state, attempts, evidence)
       SELECT NEW.n, max(n) + 1, NEW.changed_at, OLD.state, NEW.state, NEW.attempts, NEW.evidence
       FROM delivery_log WHERE delivery = NEW.n;
     UPDATE delivery_counts SET number = number + CASE state WHEN NEW.state THEN 1 ELSE -1 END
       WHERE state IN (NEW.state, OLD.state);
   END;

   CREATE TABLE paused_lanes (serial TEXT PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL) STRICT, WITHOUT ROWID;`;

/** The device that was registered first is the simulated one. */
const DEVICES = `
   ALTER TABLE devices ADD COLUMN simulated INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1));
   UPDATE devices SET simulated = 1 WHERE rowid = (SELECT min(rowid) FROM devices);

   CREATE TABLE twins (
     serial TEXT PRIMARY KEY REFERENCES devices (serial),
     last_seen_at INTEGER,
     status TEXT NOT NULL CHECK (status IN ('online', 'offline', 'lost', 'unknown')),
     firmware TEXT,
     reported TEXT,
     desired TEXT
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE commands (
     id TEXT PRIMARY KEY,
     serial TEXT NOT NULL REFERENCES devices (serial),
     payload TEXT NOT NULL,
     issued_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected', 'expired')),
     reason TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX commands_open ON commands (issued_at) WHERE state = 'pending';`;

/** A flow is a session, or what began without one; hops get a number over all flows, by which a listener goes on. */
const FLOW = `
   CREATE TABLE flows (
     n INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     serial TEXT NOT NULL,
     started_at INTEGER NOT NULL,
     state TEXT NOT NULL,
     answer TEXT,
     scent TEXT,
     command_id TEXT,
     command_state TEXT,
     traceparent TEXT
   ) STRICT;
   CREATE INDEX flows_by_serial ON flows (serial);
   INSERT INTO flows (id, serial, started_at, state, answer, scent, command_id, command_state)
     SELECT id, serial, coalesce((SELECT min(at) FROM hops WHERE session_id = id), 0) AS began,
       state, answer, scent, command_id, command_state FROM sessions ORDER BY began;
   INSERT INTO flows (id, serial, started_at, state, scent)
     SELECT flow_id, serial, min(created_at), CASE WHEN session_id IS NULL THEN 'event' ELSE 'ended' END, scent
     FROM deliveries GROUP BY flow_id ORDER BY min(n) ON CONFLICT (id) DO NOTHING;

   ALTER TABLE hops RENAME TO old_hops;
   CREATE TABLE hops (
     n INTEGER PRIMARY KEY,
     flow INTEGER NOT NULL,
     at INTEGER NOT NULL,
     part TEXT NOT NULL,
     name TEXT NOT NULL,
     ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
     detail TEXT NOT NULL,
     payload TEXT
   ) STRICT;
   CREATE INDEX hops_by_flow ON hops (flow);
   INSERT INTO hops (flow, at, part, name, ok, detail)
     SELECT flows.n, at, part, name, ok, detail FROM old_hops JOIN flows ON flows.id = session_id
     ORDER BY at, session_id, old_hops.n;
   DROP TABLE old_hops;
   DROP TABLE sessions;`;

export const MIGRATIONS = [INITIAL, DELIVERY_LOG, DEVICES, FLOW];

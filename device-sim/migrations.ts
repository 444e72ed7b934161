/** What each version of the store adds: appended, never changed. */
export const MIGRATIONS = [
  `CREATE TABLE pods (
     serial TEXT PRIMARY KEY,
     seq INTEGER NOT NULL DEFAULT 0,
     diffusing TEXT,
     commands_seen INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE TABLE commands (
     serial TEXT NOT NULL REFERENCES pods (serial),
     slot INTEGER NOT NULL,
     id TEXT NOT NULL,
     outcome TEXT NOT NULL,
     reason TEXT,
     PRIMARY KEY (serial, slot),
     UNIQUE (serial, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE unacked_events (
     serial TEXT NOT NULL REFERENCES pods (serial),
     seq INTEGER NOT NULL,
     id TEXT NOT NULL,
     payload TEXT NOT NULL,
     PRIMARY KEY (serial, seq)
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE pods ADD COLUMN model TEXT NOT NULL DEFAULT '';
   UPDATE pods SET model = json_object(
     'seq', seq, 'capsules', json('{"fire":10,"wood":10,"water":10,"air":10}'), 'at', unixepoch() * 1000,
     'diffusing', diffusing, 'intensity', 2, 'stay', diffusing, 'schedule', NULL);
   ALTER TABLE pods DROP COLUMN seq;
   ALTER TABLE pods DROP COLUMN diffusing;`,
];

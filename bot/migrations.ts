/** What each version of the store adds: appended, never changed. */
export const MIGRATIONS = [
  `CREATE TABLE sessions (
     n INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     serial TEXT NOT NULL,
     channel TEXT NOT NULL,
     conversation TEXT NOT NULL,
     user_id TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('started', 'asked', 'answered', 'ended', 'abandoned')),
     answer TEXT,
     scent TEXT,
     started_at INTEGER NOT NULL,
     ended_at INTEGER
   ) STRICT;
   CREATE INDEX sessions_by_conversation ON sessions (channel, conversation, n);

   CREATE TABLE commands (
     id TEXT PRIMARY KEY,
     session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id),
     serial TEXT NOT NULL,
     scent TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected', 'expired')),
     reason TEXT,
     issued_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX commands_open ON commands (issued_at) WHERE state = 'pending';

   CREATE TABLE activities (
     conversation TEXT NOT NULL REFERENCES sessions (id),
     seq INTEGER NOT NULL,
     client_id TEXT,
     payload TEXT NOT NULL,
     PRIMARY KEY (conversation, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX activities_by_client ON activities (conversation, client_id) WHERE client_id IS NOT NULL;`,

  // A session of the bundled Direct Line is a conversation of its own; 'conversations' are those without a pod.
  `ALTER TABLE sessions ADD COLUMN locale TEXT NOT NULL DEFAULT 'en';
   ALTER TABLE sessions ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE sessions ADD COLUMN due_at INTEGER;
   UPDATE sessions SET due_at = started_at WHERE state IN ('started', 'asked');
   UPDATE sessions SET channel = 'azure-directline' WHERE channel = 'directline' AND conversation <> id;
   CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL;

   CREATE TABLE conversations (
     id TEXT PRIMARY KEY,
     user_id TEXT NOT NULL,
     locale TEXT NOT NULL,
     started_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE said (
     conversation TEXT NOT NULL,
     seq INTEGER NOT NULL,
     client_id TEXT,
     payload TEXT NOT NULL,
     PRIMARY KEY (conversation, seq)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO said SELECT conversation, seq, client_id, payload FROM activities;
   DROP TABLE activities;
   ALTER TABLE said RENAME TO activities;
   CREATE UNIQUE INDEX activities_by_client ON activities (conversation, client_id) WHERE client_id IS NOT NULL;`,
];

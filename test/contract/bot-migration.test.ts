import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { openBotStore } from "../../bot/store.ts";

/** What the first schema kept of sessions and of what was said in them. */
const FIRST = `
  CREATE TABLE sessions (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, serial TEXT NOT NULL, channel TEXT NOT NULL,
    conversation TEXT NOT NULL, user_id TEXT NOT NULL, state TEXT NOT NULL, answer TEXT, scent TEXT,
    started_at INTEGER NOT NULL, ended_at INTEGER) STRICT;
  CREATE TABLE commands (id TEXT PRIMARY KEY, session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id),
    serial TEXT NOT NULL, scent TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE activities (conversation TEXT NOT NULL REFERENCES sessions (id), seq INTEGER NOT NULL, client_id TEXT,
    payload TEXT NOT NULL, PRIMARY KEY (conversation, seq)) STRICT, WITHOUT ROWID;
  INSERT INTO sessions (id, serial, channel, conversation, user_id, state, started_at) VALUES
    ('open', 'pod-1', 'directline', 'open', 'dl_1', 'asked', 1000),
    ('over', 'pod-1', 'directline', 'over', 'dl_1', 'ended', 1000),
    ('azure', 'pod-1', 'directline', 'of-azure', 'dl_1', 'asked', 1000);
  INSERT INTO activities VALUES ('open', 1, NULL, '{"id":"open|0000001","text":"?"}');
  PRAGMA user_version = 1;`;

test("open sessions of the first schema are due, each on its own channel, and what was said is kept", async () => {
  const folder = await mkdtemp(join(tmpdir(), "migration-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "bot.sqlite");
  const old = new Database(file);
  old.exec(FIRST);
  old.close();

  const store = openBotStore(file);
  onTestFinished(() => store.close());
  const due = store.sessions.due(1_000).map(({ id, channel }) => [id, channel]);
  expect(due).toEqual([
    ["open", "directline"],
    ["azure", "azure-directline"],
  ]);
  expect(store.conversations.find("open")).toMatchObject({ isSession: true, locale: "en" });
  expect(store.activities.after("open", 0)).toMatchObject([{ text: "?" }]);
});

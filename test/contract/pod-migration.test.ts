import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { openPodStore } from "../../device-sim/store.ts";

/** What the first schema kept of a pod. */
const FIRST = `
  CREATE TABLE pods (serial TEXT PRIMARY KEY, seq INTEGER NOT NULL DEFAULT 0, diffusing TEXT,
    commands_seen INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE commands (serial TEXT NOT NULL REFERENCES pods (serial), slot INTEGER NOT NULL, id TEXT NOT NULL,
    outcome TEXT NOT NULL, reason TEXT, PRIMARY KEY (serial, slot), UNIQUE (serial, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE unacked_events (serial TEXT NOT NULL REFERENCES pods (serial), seq INTEGER NOT NULL, id TEXT NOT NULL,
    payload TEXT NOT NULL, PRIMARY KEY (serial, seq)) STRICT, WITHOUT ROWID;
  INSERT INTO pods VALUES ('busy', 7, 'wood', 1), ('idle', 0, NULL, 0);
  INSERT INTO commands VALUES ('busy', 1, 'c1', 'accepted', NULL);
  INSERT INTO unacked_events VALUES ('busy', 7, 'e7', '{"id":"e7","seq":7,"status":"checkin","scent":"wood"}');
  PRAGMA user_version = 1;`;

test("pods of the first schema go on with full capsules, at the number where they were, and know their commands", async () => {
  const folder = await mkdtemp(join(tmpdir(), "migration-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "device-sim.sqlite");
  const old = new Database(file);
  old.exec(FIRST);
  old.close();

  const store = openPodStore(file);
  onTestFinished(() => store.close());
  const capsules = { fire: 10, wood: 10, water: 10, air: 10 };
  expect(store.pod("busy")).toEqual({
    seq: 7,
    capsules,
    at: expect.any(Number) as number,
    diffusing: "wood",
    intensity: 2,
    stay: "wood",
    schedule: null,
  });
  expect(Math.abs(store.pod("busy").at - Date.now())).toBeLessThan(60_000);
  expect(store.pod("idle")).toMatchObject({ seq: 0, capsules, diffusing: null, stay: null });
  expect(store.unackedEvents("busy")).toMatchObject([{ id: "e7", seq: 7 }]);
  const heard: unknown[] = [];
  await store.carryOut("busy", "c1", {
    judge: (_pod, earlier) => {
      heard.push(earlier);
      return { outcome: "duplicate" };
    },
    stamp: () => [],
  });
  expect(heard).toEqual([{ outcome: "accepted" }]);
});

import Database from "better-sqlite3";

export type FloorStore = ReturnType<typeof openFloorStore>;

/** The least that group commit needs: the writes of one turn of the event loop share one transaction and one fsync. */
export function openFloorStore(file: string, schema: string) {
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec(schema);
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  let group: (() => () => void)[] = [];

  function flush(): void {
    const writes = group;
    group = [];
    begin.run();
    const settle = writes.map((run) => run());
    commit.run();
    for (const settled of settle) settled();
  }

  return {
    prepare: (sql: string) => db.prepare(sql),
    write<T>(run: () => T): Promise<T> {
      if (group.length === 0) setImmediate(flush);
      const { promise, resolve } = Promise.withResolvers<T>();
      group.push(() => {
        const value = run();
        return () => resolve(value);
      });
      return promise;
    },
    close: () => db.close(),
  };
}

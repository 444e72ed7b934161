/** Loaded before the kit: its stores sync as `LOOSE_SYNC` says, and no longer in full. For the control only. */
import Database from "better-sqlite3";

type Pragma = (this: Database.Database, source: string, options?: object) => unknown;

const pragma = Reflect.get(Database.prototype, "pragma") as Pragma;
const loose = `synchronous = ${process.env["LOOSE_SYNC"] ?? "OFF"}`;

Database.prototype.pragma = function (source, options) {
  return pragma.call(this, source.replace("synchronous = FULL", loose), options);
};

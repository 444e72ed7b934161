/**
 * SQL: the number of the next row. Calls and usages are numbered together, so that a usage has the number of the call that
 * opened it, and can be that call's row in the journal.
 */
export const NEXT_NUMBER = `(SELECT 1 + max(
  coalesce((SELECT max(id) FROM requests), 0), coalesce((SELECT max(id) FROM device_usages), 0)))`;

/**
 * SQL: the number of the next row. Calls and usages are numbered together, so that a usage can be the row in the journal of
 * the call that opened it. No number is given twice, even if its usage was removed.
 */
export const NEXT_NUMBER = `(SELECT 1 + max(highest, coalesce((SELECT max(id) FROM requests), 0),
  coalesce((SELECT max(id) FROM device_usages), 0)) FROM removed_usages)`;

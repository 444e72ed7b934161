/** A client's local days as instants, so that a time zone's rules are asked once for a period and not for each usage. */

const MAX_DAYS = 366;

/** Instants are epoch ms, and an instant is within if `from` <= it < `to`. */
export type Period = {
  timeZone: string;
  /** The first and the last local day, YYYY-MM-DD; both are within. */
  firstDay: string;
  lastDay: string;
  from: number;
  to: number;
  /**
   * The first instant of each local day, which is not midnight where the clocks skip that; so a day may have 23 or 25
   * hours. A day that a zone skipped as a whole begins when the next one does.
   */
  dayStarts: readonly number[];
};

/**
 * @param firstDay YYYY-MM-DD, and so `lastDay`, which is within
 * @throws RangeError for what is no day or no time zone, and for a period of less than one day or more than 366
 */
export function periodOf(firstDay: string, lastDay: string, timeZone: string): Period {
  const first = Temporal.PlainDate.from(firstDay);
  const days = first.until(lastDay).days + 1;
  if (days < 1 || days > MAX_DAYS) throw new RangeError(`A period has 1 to ${MAX_DAYS} days, not ${days}`);
  const startOf = (day: number) => first.add({ days: day }).toZonedDateTime(timeZone).epochMilliseconds;
  const dayStarts = Array.from({ length: days }, (_, day) => startOf(day));
  return { timeZone, firstDay, lastDay, from: startOf(0), to: startOf(days), dayStarts };
}

/** The local day of an instant (epoch ms), YYYY-MM-DD. */
export function localDay(at: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/** Which day of the period an instant belongs to, from 0; -1 before the period and the number of its days after it. */
export function dayIndex({ dayStarts, to }: Period, at: number): number {
  if (at >= to) return dayStarts.length;
  let begun = 0;
  let end = dayStarts.length;
  while (begun < end) {
    const middle = (begun + end) >>> 1;
    if ((dayStarts[middle] ?? to) <= at) begun = middle + 1;
    else end = middle;
  }
  return begun - 1;
}

/** A window of a room's day, as the clock on its wall has it. Times are epoch milliseconds. */
export type DayWindow = { startTime: string; endTime: string; timeZone: string };

/**
 * The window that is open now, from now on, or else the next one. It lasts from the first moment at which the clock has
 * reached `startTime` to the first one at which it has reached `endTime` on that day, or on the day after if that is
 * earlier. A time that the clock skips counts as reached when it skips it, and one that it shows twice when it first
 * does. A window that the clock skips as a whole is left out that day.
 */
export function nextWindow(window: DayWindow, now: number): { startsAt: number; endsAt: number } {
  let startsAt = now;
  // No clock skips the same time on two days in a row.
  while (!isInside(window, startsAt)) startsAt = nextStart(window, startsAt + 1);
  return { startsAt, endsAt: endOf(window, startsAt) };
}

function isInside({ startTime, endTime, timeZone }: DayWindow, at: number): boolean {
  const shown = wallClock(at, timeZone).toPlainTime();
  const isAfter = (time: string) => Temporal.PlainTime.compare(shown, time) >= 0;
  return startTime < endTime ? isAfter(startTime) && !isAfter(endTime) : isAfter(startTime) || !isAfter(endTime);
}

function nextStart({ startTime, timeZone }: DayWindow, from: number): number {
  const today = wallClock(from, timeZone).toPlainDate();
  const days = [0, 1, 2].map((after) => today.add({ days: after }).toPlainDateTime(startTime));
  return Math.min(...days.flatMap((shown) => momentsOf(shown, timeZone)).filter((moment) => moment >= from));
}

function endOf({ endTime, timeZone }: DayWindow, startsAt: number): number {
  const shown = wallClock(startsAt, timeZone);
  const isToday = Temporal.PlainTime.compare(endTime, shown.toPlainTime()) > 0;
  const end = shown
    .toPlainDate()
    .add({ days: isToday ? 0 : 1 })
    .toPlainDateTime(endTime);
  return Math.min(...momentsOf(end, timeZone).filter((moment) => moment > startsAt));
}

/** When the clock shows a date and time: once, twice as it is set back, or when it skips that. */
function momentsOf(shown: Temporal.PlainDateTime, timeZone: string): number[] {
  const early = shown.toZonedDateTime(timeZone, { disambiguation: "earlier" });
  const late = shown.toZonedDateTime(timeZone, { disambiguation: "later" });
  if (early.toPlainDateTime().equals(shown)) return [early.epochMilliseconds, late.epochMilliseconds];
  return [early.getTimeZoneTransition("next")?.epochMilliseconds ?? late.epochMilliseconds];
}

function wallClock(at: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
}

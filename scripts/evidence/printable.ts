/** What neither XML 1.0 nor HTML takes, not even escaped; half of a surrogate pair too. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Words of others may have characters that no document may have. */
export function printable(document: string): string {
  return document.replace(FORBIDDEN, "\uFFFD");
}

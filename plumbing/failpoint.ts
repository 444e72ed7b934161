type Armed = { name: string; subject: string; hitsLeft: number; act: () => void };

let armed: Armed | undefined;

/** A named place where a crash test may end the process; it costs one comparison as long as none is armed. */
export function failpoint(name: string, subject = ""): void {
  if (armed !== undefined) hit(armed, name, subject);
}

/**
 * Lets `act` run when the process comes to a place for the n-th time; one place is armed at a time.
 *
 * @param spec `name`, `name@n`, or `name:end@n` for only those times whose subject ends so
 */
export function armFailpoint(spec: string, act: () => void): void {
  const [place = "", hits = "1"] = spec.split("@");
  const [name = "", subject = ""] = place.split(":");
  armed = { name, subject, hitsLeft: Number(hits), act };
}

function hit(place: Armed, name: string, subject: string): void {
  if (place.name !== name || !subject.endsWith(place.subject)) return;
  place.hitsLeft -= 1;
  if (place.hitsLeft === 0) place.act();
}

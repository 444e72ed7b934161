type Armed = { name: string; hitsLeft: number; act: () => void };

let armed: Armed | undefined;

/** A named place where a crash test may end the process; it costs one comparison as long as none is armed. */
export function failpoint(name: string): void {
  if (armed !== undefined) hit(armed, name);
}

/**
 * Lets `act` run when the process comes to a place for the n-th time; `spec` is `name` or `name@n`.
 *
 * Only one place is armed at a time; `undefined` disarms.
 */
export function armFailpoint(spec: string | undefined, act: () => void): void {
  const [name = "", hits = "1"] = (spec ?? "").split("@");
  armed = name === "" ? undefined : { name, hitsLeft: Number(hits), act };
}

function hit(place: Armed, name: string): void {
  if (place.name !== name) return;
  place.hitsLeft -= 1;
  if (place.hitsLeft === 0) place.act();
}

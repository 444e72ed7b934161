export type Tally<Kind> = ReturnType<typeof openTally<Kind>>;

/** How many there are of each kind: counted when somebody asks first, then kept as they come and change. */
export function openTally<Kind>(count: () => Iterable<readonly [kind: Kind, count: number]>) {
  let counts: Map<Kind, number> | undefined;

  function add(kind: Kind | undefined, change: number): void {
    if (counts && kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + change);
  }

  return {
    counts(): ReadonlyMap<Kind, number> {
      counts ??= new Map(count());
      return counts;
    },

    /** To be told right after the commit: one that came is from `undefined`, one that went is to `undefined`. */
    moved(from: Kind | undefined, to: Kind | undefined): void {
      add(from, -1);
      add(to, 1);
    },
  };
}

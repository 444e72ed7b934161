/** Runs work one after the other per key, and of different keys side by side. */
export function createQueues() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const earlier = last.get(key);
    const mine = earlier ? earlier.then(work, work) : work();
    last.set(key, mine);
    const forget = () => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  };
}

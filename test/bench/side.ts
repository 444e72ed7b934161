/** One of the systems that are compared, running in this process. */
export type Side = {
  /** Does all that comes before the answer, outside the measured span; the result sets that pod's flow going. */
  begin(pod: number): Promise<() => Promise<void>>;
  /** How many usages the ERP holds. */
  countUsages(): Promise<number>;
  /** Processor time so far of what runs beside this process. */
  otherCpuMs?: () => number;
  close(): Promise<void>;
};

/** Linux takes all of 127/8 without being asked. */
const FIRST_GUEST = 2;
const FIRST_SERIAL = 100_000_001;

/** The address of the guests of pod 0, 1, 2, … on both sides. */
export function addressOfPod(pod: number): string {
  return `127.0.0.${String(FIRST_GUEST + pod)}`;
}

/** Serial of pod 0, 1, 2, … on both sides. */
export function serialOfPod(pod: number): string {
  return `HKAP0${String(FIRST_SERIAL + pod)}`;
}

/** For each scenario that comes with the kit: the same with something wrong in it, and what has to be said then. */
type Mutant = {
  /** What stands there, and what stands there instead. */
  change: readonly [string, string];
  error: RegExp;
  /** The first hop that did not happen, if one did not. */
  missing?: string;
};

const NOT_WOOD = /^The bot says something else\.$/;
const SESSION = "^The session did not become what it should: ";

export const MUTANTS: Record<string, Mutant> = {
  poc: {
    change: ["steps:\n", "steps:\n  - pod: fault silent\n"],
    error: new RegExp(`${SESSION}command is pending, not accepted\\.$`),
    missing: "the pod accepts the command",
  },
  air: {
    change: ["scent=air", "scent=fire"],
    error: /^The ERP does not hold the usages that it should: request is GET \S+scent=air, not GET \S+scent=fire\.$/,
  },
  fire: { change: ["tap: fire", "tap: wood"], error: NOT_WOOD },
  water: {
    change: ['say: "3"', 'say: "9"'],
    error: /^The bot did not take "9" as an answer and asked again\.$/,
    missing: "the guest answers",
  },
  nonsense: { change: ["say: banana", "say: wood"], error: NOT_WOOD },
  silence: {
    change: ["state: abandoned", "state: ended"],
    error: new RegExp(`${SESSION}state is abandoned, not ended\\.$`),
    missing: "the guest answers",
  },
  "late-answer": {
    change: ["    refused: /scan the card again/\n", ""],
    error: /^The chat refuses it: \S.+$/,
    missing: "the guest answers",
  },
  "pod-offline": {
    change: ["  - pod: fault none\n", ""],
    error: new RegExp(`${SESSION}command is pending, not accepted\\.$`),
    missing: "the pod accepts the command",
  },
  "erp-away": {
    change: ["  - erp: back\n", ""],
    error: /^Nothing answers at http:\/\/127\.0\.0\.1:\d+\.$/,
    missing: "the ERP answers",
  },
  "erp-answer-lost": {
    change: ["fault: cut", "fault: error-before, times: 1000"],
    error: /^The deliveries did not become what they should: deliveries is \w+, not delivered\.$/,
    missing: "the delivery is proved",
  },
  "double-tap": { change: ["    refused: /scan the card again/\n", ""], error: /^The chat refuses it: \S.+$/ },
  "two-guests": {
    change: ["    - GET /device/switch?serial={serial}&submit=&status=checkin&scent=air\n", ""],
    error:
      /^The ERP does not hold the usages that it should: usages is 2 usages:; GET \S+; GET \S+, not 1 usage:; GET \S+\.$/,
  },
  schedule: {
    change: ["  events: [checkin, timein, timeout]", "  events: [checkin, timein]"],
    error: /^The pod did not report what it should: events is checkin; timein; timeout, not checkin; timein\.$/,
  },
  "check-out": {
    change: ["  - operator: checkout\n", ""],
    error: /^The pod did not report what it should: events is checkin, not checkin; checkout\.$/,
  },
  "unknown-device": {
    change: ["serial: HKAP0199999999", "settings: {}"],
    error: /^The deliveries did not become what they should: deliveries is delivered, not dead\.$/,
  },
  "empty-capsule": {
    change: ["  - pod: drain wood\n", ""],
    error: new RegExp(`${SESSION}command is accepted, not rejected\\.$`),
  },
  reload: { change: ["language: de", "language: fr"], error: NOT_WOOD, missing: "the guest answers" },
};

/** The file with that change, which waits no longer than it has to. */
export function mutate(source: string, { change: [from, to] }: Mutant): string {
  if (!source.includes(from)) throw new Error(`The scenario has no "${from}".`);
  const patient = source.replace(from, to);
  return patient.replace(/^ {2}within: .*\n/m, "").replace(/^expect:\n/m, "expect:\n  within: 3s\n");
}

import type { CrashKit } from "./crash-kit.ts";

const ERROR_LEVEL = 50;
const OF_THE_TEST = /^(armed|killed) at /;

type Lives = CrashKit["history"];

/** What is wrong with what the processes of a kit said, and with how they ended: they may only be killed. */
export function lifeProblems(lives: Lives, secrets: object): string[] {
  const hidden = secretsIn(secrets);
  return lives.flatMap(({ part, output, ended }) => {
    const { stdout, stderr } = output;
    const told = hidden.filter((secret) => stdout.includes(secret) || stderr.includes(secret));
    return [
      ...(ended && ended.signal !== "SIGKILL" ? [`${part} ended by itself: ${JSON.stringify(ended)}`] : []),
      ...stderr
        .split("\n")
        .filter(isFailure)
        .map((line) => `${part} says ${line}`),
      ...told.map((secret) => `${part} tells the secret ${secret.slice(0, 4)}…`),
    ];
  });
}

function secretsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

/** A line that is no log entry is what Node says of an exception that nobody caught. */
function isFailure(line: string): boolean {
  if (line === "" || OF_THE_TEST.test(line)) return false;
  try {
    return (JSON.parse(line) as { level: number }).level >= ERROR_LEVEL;
  } catch {
    return true;
  }
}

import type { Facts, Scenario, Step } from "./contract.ts";
import type { ScenarioFile } from "./scenario-file.ts";

/** The POC script with another answer of its guest: whatever scent that means is what the ERP is to be told. */
export function withAnswer<File extends ScenarioFile>(file: File, answer: string): File {
  const { scenario } = file;
  const steps = scenario.steps.map((step): Step => {
    if (step.say !== undefined) return { ...step, say: answer };
    return typeof step.hear === "string" ? { hear: { text: "/./", choices: [] } } : step;
  });
  const changed: Scenario = { ...scenario, steps, expect: ofAnyScent(scenario.expect, answer) };
  return { ...file, scenario: changed };
}

function ofAnyScent({ session, requests, usages, ...facts }: Facts, answer: string): Facts {
  const { scent: _, ...rest } = session ?? {};
  const anyScent = (request: string) => request.replace(/scent=\w+$/, "scent={scent}");
  return {
    ...facts,
    session: { ...rest, answer },
    requests: (requests ?? []).map(anyScent),
    usages: (usages ?? []).map((usage) => (typeof usage === "string" ? anyScent(usage) : usage)),
  };
}

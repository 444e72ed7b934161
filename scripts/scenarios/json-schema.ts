import { z } from "zod";
import { scenarioSchema } from "./contract.ts";

/** The JSON schema of a scenario file, as text. */
export function scenarioSchemaText(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: "input", target: "draft-7" });
  return `${JSON.stringify({ title: "A scenario of the AromaPod kit", ...schema }, null, 2)}\n`;
}

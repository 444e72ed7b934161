/** `npm run scenario-schema`: writes what editors complete and check scenarios by. */
import { writeFileSync } from "node:fs";
import { scenarioSchemaText } from "./scenarios/json-schema.ts";

writeFileSync(new URL("../scenarios/scenario.schema.json", import.meta.url), scenarioSchemaText());

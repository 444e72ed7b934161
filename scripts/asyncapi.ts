/** `npm run asyncapi`: writes the MQTT contract as an AsyncAPI document. */
import { writeFileSync } from "node:fs";
import { asyncApiText } from "../device-sim/asyncapi.ts";

writeFileSync(new URL("../docs/asyncapi.json", import.meta.url), asyncApiText());

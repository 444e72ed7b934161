/** `npm run reference`: writes the reference, the MQTT contract and `.env.example` from the code. */
import { writeFileSync } from "node:fs";
import { writtenFiles } from "./reference/pages.ts";

for (const [path, text] of Object.entries(writtenFiles())) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
}

import { asyncApiText } from "../../device-sim/asyncapi.ts";
import { OPERATIONS, openApiDocument } from "../../erp-stub/openapi.ts";
import { scenarioSchemaText } from "../scenarios/json-schema.ts";
import { cliPage } from "./cli-page.ts";
import { envExample } from "./env-example.ts";
import { httpPage } from "./http-page.ts";
import { mqttPage } from "./mqtt-page.ts";
import { settingsPage } from "./settings-page.ts";

/** What is written from the code: each file by its path from the root, with its text. */
export function writtenFiles(): Record<string, string> {
  return {
    ".env.example": envExample(),
    "docs/asyncapi.json": asyncApiText(),
    "docs/reference/cli.md": cliPage(),
    "docs/reference/http.md": httpPage(erpDocument()),
    "docs/reference/mqtt.md": mqttPage(),
    "docs/reference/settings.md": settingsPage(),
    "scenarios/scenario.schema.json": scenarioSchemaText(),
  };
}

/** That of an ERP which has every operation that there is something to say of. */
function erpDocument() {
  const routes = Object.keys(OPERATIONS).map((name) => {
    const [method = "", path = ""] = name.split(" ");
    return { method, path, access: "caller" as const };
  });
  return openApiDocument(routes);
}

import { ConfigurationServiceClientCredentialFactory } from "botbuilder";
import { expect, test } from "vitest";
import { checkMicrosoftApp, type MicrosoftApp } from "../../bot/config.ts";
import { createLog } from "../../plumbing/log.ts";
import { StartError } from "../../plumbing/start-error.ts";
import { startBotPart } from "../../scripts/parts.ts";
import type { Secrets } from "../../scripts/secrets.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { UNSET } from "../support/unset.ts";

const ID = { MicrosoftAppId: "5f1ec0de-0000-4000-8000-000000000001" };
const PASSWORD = { MicrosoftAppPassword: "password-of-the-app" };
const TENANT = { MicrosoftAppTenantId: "0f0e0d0c-0000-4000-8000-000000000001" };
const SINGLE = { MicrosoftAppType: "SingleTenant" };
const MANAGED = { MicrosoftAppType: "UserAssignedMSI" };

const botFramework = (app: MicrosoftApp) =>
  new ConfigurationServiceClientCredentialFactory(app as Record<string, string>);

test.for<[what: string, app: MicrosoftApp]>([
  ["nothing", {}],
  ["an id", ID],
  ["an id and a password", { ...ID, ...PASSWORD }],
  ["several tenants", { ...ID, ...PASSWORD, MicrosoftAppType: "MultiTenant" }],
  ["one tenant", { ...ID, ...PASSWORD, ...TENANT, ...SINGLE }],
  ["one tenant in other letters", { ...ID, ...PASSWORD, ...TENANT, MicrosoftAppType: "singletenant" }],
  ["a managed identity", { ...ID, ...TENANT, ...MANAGED }],
])("%s is an app that Bot Framework takes", ([, app]) => {
  expect(() => checkMicrosoftApp(app)).not.toThrow();
  expect(() => botFramework(app)).not.toThrow();
});

test.for<[sentence: string, app: MicrosoftApp]>([
  ["MicrosoftAppType SingleTenant needs MicrosoftAppId.", { ...SINGLE }],
  ["MicrosoftAppType SingleTenant needs MicrosoftAppTenantId.", { ...ID, ...PASSWORD, ...SINGLE }],
  ["MicrosoftAppType SingleTenant needs MicrosoftAppPassword.", { ...ID, ...TENANT, ...SINGLE }],
  ["MicrosoftAppType UserAssignedMSI needs MicrosoftAppTenantId.", { ...ID, ...MANAGED }],
  ["MicrosoftAppType UserAssignedMSI takes no MicrosoftAppPassword.", { ...ID, ...TENANT, ...PASSWORD, ...MANAGED }],
])("what Bot Framework would refuse at the first message stops the start: %s", ([sentence, app]) => {
  expect(() => checkMicrosoftApp(app)).toThrow(StartError);
  expect(() => checkMicrosoftApp(app)).toThrow(sentence);
  expect(() => botFramework(app)).toThrow(/MicrosoftApp/);
});

test.for<[sentence: string, app: MicrosoftApp]>([
  ["MicrosoftAppPassword needs MicrosoftAppId.", PASSWORD],
  [
    'Bad setting: MicrosoftAppType "Single" must be MultiTenant or SingleTenant or UserAssignedMSI.',
    { ...ID, ...PASSWORD, MicrosoftAppType: "Single" },
  ],
])("what Bot Framework would take for something else stops the start: %s", ([sentence, app]) => {
  expect(() => checkMicrosoftApp(app)).toThrow(new StartError(sentence));
  expect(() => botFramework(app)).not.toThrow();
});

test("the bot is not started with such settings", async () => {
  const ground = {
    settings: loadSettings({ ...UNSET, ...ID, ...SINGLE }),
    secrets: { mqtt: {} } as Secrets,
    log: createLog("silent"),
  };
  const started = startBotPart(ground, { mqttUrl: "mqtt://127.0.0.1:9", lanHost: undefined });
  await expect(started).rejects.toThrow(new StartError("MicrosoftAppType SingleTenant needs MicrosoftAppTenantId."));
});

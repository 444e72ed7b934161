/** What the tree is held to by `test/layers.test.ts`. */

/** What each file may import of the project; the first row that fits the importing file counts. */
export const LAYERS: { files: string; mayImport: string[] }[] = [
  { files: "*/contract.ts", mayImport: [] },
  { files: "*/*-contract.ts", mayImport: ["*/contract.ts"] },
  { files: "plumbing/**", mayImport: ["plumbing/**"] },
  {
    files: "bot/**",
    mayImport: ["bot/**", "plumbing/**", "device-sim/contract.ts", "device-db/contract.ts"],
  },
  { files: "device-sim/**", mayImport: ["device-sim/**", "plumbing/**"] },
  {
    files: "device-db/**",
    mayImport: ["device-db/**", "plumbing/**", "device-sim/contract.ts", "erp-stub/contract.ts"],
  },
  { files: "erp-stub/**", mayImport: ["erp-stub/**", "plumbing/**"] },
  {
    files: "scripts/**",
    mayImport: [
      "scripts/**",
      "plumbing/**",
      "*/{service,config,contract,*-contract}.ts",
      "device-sim/{asyncapi,fleet,scenarios}.ts",
    ],
  },
  { files: "test/**", mayImport: ["**"] },
  { files: "*.ts", mayImport: ["**"] },
];

/** The only files that may import an outside library; tests and the tools' settings are free. */
export const LIBRARIES: Record<string, string[]> = {
  aedes: ["device-db/broker.ts", "device-db/doorman.ts"],
  "better-sqlite3": ["plumbing/sqlite.ts"],
  botbuilder: ["bot/**"],
  "csv-parse": ["erp-stub/csv.ts"],
  "csv-stringify": ["erp-stub/csv.ts"],
  commander: ["scripts/cli.ts", "scripts/commands/*"],
  helmet: ["plumbing/http.ts"],
  "intl-messageformat": ["bot/messages.ts"],
  jose: ["bot/token.ts"],
  mqtt: ["plumbing/mqtt.ts"],
  "mqtt-packet": ["plumbing/mqtt-stream.ts"],
  pino: ["plumbing/log.ts"],
  "prom-client": ["plumbing/metrics.ts"],
  qrcode: ["bot/qr.ts"],
  restify: ["plumbing/http.ts"],
  undici: ["device-db/erp-client.ts"],
  ws: ["bot/stream.ts", "plumbing/mqtt-stream.ts"],
  zod: ["*/contract.ts", "*/*-contract.ts", "*/config.ts"],
};

/** Files that only decide, with what they may import beside contracts and each other. */
export const PURE: Record<string, string[]> = {
  "bot/begin-limits.ts": ["plumbing/clock.ts", "plumbing/windows.ts"],
  "bot/catalogs.ts": [],
  "bot/languages.ts": [],
  "bot/link.ts": ["node:crypto"],
  "bot/question.ts": [],
  "bot/session.ts": [],
  "bot/transcript.ts": [],
  "device-db/access.ts": [],
  "device-db/console-twin.ts": [],
  "device-db/breaker.ts": [],
  "device-db/flow-hops.ts": ["device-db/delivery-store.ts", "device-db/erp-request.ts"],
  "device-db/mask.ts": [],
  "device-db/operator-moves.ts": [],
  "device-db/outcome.ts": [],
  "device-db/pace.ts": [],
  "device-db/retry.ts": [],
  "device-db/twin.ts": ["plumbing/clock.ts"],
  "device-sim/asyncapi.ts": ["zod"],
  "device-sim/asyncapi-examples.ts": [],
  "device-sim/capsules.ts": [],
  "device-sim/fleet-plan.ts": ["device-sim/fleet-contract.ts", "plumbing/random.ts"],
  "device-sim/pod-state.ts": ["plumbing/clock.ts", "plumbing/random.ts"],
  "device-sim/pod-words.ts": ["device-sim/hand-contract.ts"],
  "device-sim/pod.ts": [],
  "device-sim/window.ts": [],
  "erp-stub/billing.ts": [],
  "erp-stub/chart.ts": ["plumbing/html.ts"],
  "erp-stub/customer.ts": ["erp-stub/customer-contract.ts", "plumbing/clock.ts"],
  "erp-stub/form-values.ts": ["erp-stub/field-errors.ts", "erp-stub/resource-store.ts", "erp-stub/resources.ts"],
  "erp-stub/openapi-parts.ts": ["zod", "erp-stub/permissions.ts", "plumbing/schema-fields.ts"],
  "erp-stub/period.ts": [],
  "erp-stub/permissions.ts": ["erp-stub/operations-contract.ts"],
  "erp-stub/switch.ts": [],
  "plumbing/json.ts": [],
  "plumbing/windows.ts": [],
};

/** What may not be touched where; a bare `process` is one that is handed on or taken apart. */
export const FORBIDDEN: { files: string[]; use: RegExp }[] = [
  { files: Object.keys(PURE), use: /^(Date\.now|new Date|Temporal\.Now|set(Timeout|Interval|Immediate))$/ },
  { files: Object.keys(PURE), use: /^(fetch|performance|process)(\.|$)/ },
  {
    files: ["bot/**", "device-db/**", "device-sim/**", "erp-stub/**", "plumbing/**"],
    use: /^(process(\.env|\.exit|\.exitCode)?|console(\..*)?|globalThis(\..*)?|require)$/,
  },
  { files: ["test/**"], use: /^vi\.(mock|doMock|spyOn)$/ },
];

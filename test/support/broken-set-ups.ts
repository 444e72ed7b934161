/** Set-ups in each of which one thing on this machine is broken, with what the doctor has to say of it. */
import { chmod, copyFile, mkdir, rename, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import Database from "better-sqlite3";
import { MIGRATIONS as BOT } from "../../bot/migrations.ts";
import { MIGRATIONS as DEVICE_DB } from "../../device-db/migrations.ts";
import { listen } from "../../plumbing/listen.ts";
import { openSqlite } from "../../plumbing/sqlite.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import { SERIAL } from "./devices.ts";
import type { Home } from "./home.ts";
import { openOutsideBroker } from "./outside-broker.ts";

/** Where a set-up is made, and what it starts ends. */
type Ground = { home: Home; own: <T extends AsyncDisposable>(opened: T) => T };

export type BrokenSetUp = {
  name: string;
  /** Breaks it, and returns the settings that belong to it. */
  make: (ground: Ground) => Promise<Record<string, string>>;
  /** Every check that fails, and no other. */
  failing: readonly string[];
  /** What is said of the first of them. */
  detail: RegExp;
  /** What it is said to be mended by: a sentence, a command, or both. */
  advice?: RegExp;
  command?: RegExp;
  /** After the command nothing fails any more. */
  heals?: true;
};

const dataDir = ({ path }: Home) => join(path, ".data");
const secretsFile = (home: Home) => join(dataDir(home), "secrets.json");
const NOTHING = {};
/** As Node says it of a package that was installed on another machine. */
const DOES_NOT_LOAD = 'process.dlopen = () => { throw new Error("invalid ELF header"); };';
const SECRET = "s3cret-of-the-hotel-which-nobody-may-read-on-a-screen";

const PUT_ASIDE = /^mv \S+ \S+\.old$/;
const BACKUP = /^Put a backup in its place\. Without one the part begins anew, after:$/;
/** A bot's store of a newer kit. */
const NEWER = {
  failing: ["bot.sqlite"],
  detail: /^its schema 99 is of a newer kit; this one knows \d+ at most$/,
  advice: /^Use the newer kit again, or put a backup in its place, after:$/,
  heals: true,
} as const;

export const BROKEN_AT_HOME: readonly BrokenSetUp[] = [
  {
    name: "a setting in .env with a bad value",
    make: async ({ home }) => {
      await writeFile(join(home.path, ".env"), "# ours\nERP_RATE=fast\n");
      return NOTHING;
    },
    failing: ["settings"],
    detail: /^Bad setting: ERP_RATE "fast" must be a whole number from 1 to 10000$/,
    advice: /^Correct line 2 of \.env; npm start -- --help lists every setting\.$/,
  },
  {
    name: "a setting in the environment that nobody knows",
    make: async () => ({ ERP_PROT: "8000" }),
    failing: ["settings"],
    detail: /^Unknown setting ERP_PROT in the environment$/,
    command: /^unset ERP_PROT$/,
  },
  {
    name: "settings that do not fit each other",
    make: async () => ({ ERP_MODE: "legacy", ERP_SETTLE: "key" }),
    failing: ["settings"],
    detail: /^ERP_SETTLE=key needs an ERP that honours keys/,
    command: /^unset ERP_SETTLE$/,
  },
  {
    name: "credentials of Azure that are not complete",
    make: async () => ({ MicrosoftAppId: "an-id", MicrosoftAppType: "SingleTenant", MicrosoftAppPassword: SECRET }),
    failing: ["channel credentials"],
    detail: /^MicrosoftAppType SingleTenant needs MicrosoftAppTenantId$/,
    advice: /^Copy MicrosoftAppTenantId from the bot's page in Azure into \.env\.$/,
  },
  {
    name: "a file where the data folder should be",
    make: async ({ home }) => {
      await writeFile(join(home.path, "my data"), "");
      return { DATA_DIR: "my data" };
    },
    failing: ["data folder"],
    detail: /^cannot write to .*my data: ENOTDIR/,
    command: /^mv '.*my data' '.*my data\.old'$/,
    heals: true,
  },
  {
    name: "secrets that are damaged",
    make: async ({ home }) => {
      await mkdir(dataDir(home), { mode: 0o700 });
      await writeFile(secretsFile(home), `{"operatorKey":"${SECRET}",}`, { mode: 0o600 });
      return NOTHING;
    },
    failing: ["secrets"],
    detail: /^Cannot read the secrets "\.data\/secrets\.json": it is no JSON$/,
    advice: /^Put a backup in its place\. Without one, "npm start" .* Begin with:$/,
    command: /^mv \S+\.json \S+\.json\.damaged$/,
    heals: true,
  },
  {
    name: "secrets that others may read",
    make: async ({ home }) => {
      makeSecrets(dataDir(home), SERIAL);
      await chmod(secretsFile(home), 0o644);
      return NOTHING;
    },
    failing: ["secrets"],
    detail: /^\.data\/secrets\.json can be read by others$/,
    command: /^chmod 600 \.data\/secrets\.json$/,
    heals: true,
  },
  {
    name: "secrets that are gone while the stores are there",
    make: async ({ home }) => {
      await mkdir(dataDir(home), { mode: 0o700 });
      await writeFile(join(dataDir(home), "bot.sqlite"), "");
      return NOTHING;
    },
    failing: ["secrets"],
    detail: /^there are stores, but no secrets\.json: .* no card that was printed is good$/,
    advice: /^Put a backup of secrets\.json in its place\./,
  },
  {
    name: "a store of a newer kit",
    make: async ({ home }) => {
      makeSecrets(dataDir(home), SERIAL);
      const file = join(dataDir(home), "bot.sqlite");
      await openSqlite(file, BOT).close();
      const db = new Database(file);
      db.pragma("user_version = 99");
      db.close();
      return NOTHING;
    },
    ...NEWER,
    command: PUT_ASIDE,
  },
  {
    name: "a store whose log is of a newer kit",
    make: async ({ home }) => {
      makeSecrets(dataDir(home), SERIAL);
      const file = join(dataDir(home), "bot.sqlite");
      await openSqlite(file, BOT).close();
      const db = new Database(file);
      db.pragma("user_version = 99");
      // As after a crash: what was written stands in the log only.
      for (const end of ["", "-wal"]) await copyFile(file + end, `${file}.copy${end}`);
      db.close();
      for (const end of ["", "-wal"]) await rename(`${file}.copy${end}`, file + end);
      return NOTHING;
    },
    ...NEWER,
    command: /^mv \S+bot\.sqlite \S+bot\.sqlite\.old && mv \S+bot\.sqlite-wal \S+bot\.sqlite\.old-wal\b/,
  },
  {
    name: "a store of another part",
    make: async ({ home }) => {
      makeSecrets(dataDir(home), SERIAL);
      await openSqlite(join(dataDir(home), "device-sim.sqlite"), BOT.slice(0, 1)).close();
      return NOTHING;
    },
    failing: ["device-sim.sqlite"],
    detail: /^it is no store of this part: it has no table \w+$/,
    advice: /^Put the right one in its place\. Without one the part begins anew, after:$/,
    command: PUT_ASIDE,
    heals: true,
  },
  {
    name: "a store of which the end is missing",
    make: async ({ home }) => {
      makeSecrets(dataDir(home), SERIAL);
      const file = join(dataDir(home), "device-db.sqlite");
      await openSqlite(file, DEVICE_DB).close();
      await truncate(file, 6_000);
      return NOTHING;
    },
    failing: ["device-db.sqlite"],
    detail: /^\.data\/device-db\.sqlite cannot be read: database disk image is malformed$/,
    advice: BACKUP,
    command: PUT_ASIDE,
    heals: true,
  },
  {
    name: "a store that is no database",
    make: async ({ home }) => {
      makeSecrets(dataDir(home), SERIAL);
      await writeFile(join(dataDir(home), "device-db.sqlite"), "<html>502 Bad Gateway</html>");
      return NOTHING;
    },
    failing: ["device-db.sqlite"],
    detail: /^\.data\/device-db\.sqlite cannot be read: file is not a database$/,
    advice: BACKUP,
    command: PUT_ASIDE,
  },
  {
    name: "a port that another program has",
    make: async ({ home, own }) => {
      const server = createServer((_request, response) => void response.end("another program"));
      await listen(server, { host: "127.0.0.1", port: Number(home.env["BOT_PORT"]), setting: "" });
      own({ [Symbol.asyncDispose]: async () => void server.close() });
      return NOTHING;
    },
    failing: ["BOT_PORT"],
    detail:
      process.platform === "linux"
        ? new RegExp(`^\\d+ is held by another program: .*, process ${String(process.pid)}$`)
        : /^\d+ is held by another program/,
    advice: /^End that program, or take another port:$/,
    command: /^export BOT_PORT=\d+$/,
    heals: true,
  },
  {
    name: "another broker at the port of the embedded one",
    make: async ({ home, own }) => {
      makeSecrets(dataDir(home), SERIAL);
      const { port } = own(await openOutsideBroker());
      return { MQTT_PORT: String(port) };
    },
    failing: ["MQTT_PORT"],
    detail: /^\d+ is held by another program/,
    advice: /^End that program, or take another port:$/,
    command: /^export MQTT_PORT=\d+$/,
  },
  {
    name: "a native package that does not load",
    make: async () => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(DOES_NOT_LOAD)}` }),
    failing: ["SQLite"],
    detail: /^better-sqlite3 does not load: invalid ELF header$/,
    command: /^rm -rf node_modules && npm ci$/,
  },
  {
    name: "two services at one port",
    make: async ({ home }) => ({ ERP_PORT: home.env["DEVICE_DB_PORT"] ?? "" }),
    failing: ["ERP_PORT"],
    detail: /^\d+ is DEVICE_DB_PORT too$/,
    command: /^export ERP_PORT=\d+$/,
  },
];

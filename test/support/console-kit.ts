import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../plumbing/log.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { startSystem } from "../../scripts/system.ts";
import { createChatGuest } from "./chat-guest.ts";
import { openFaultErp } from "./fault-erp.ts";
import { PORT_SETTINGS } from "./home.ts";
import { UNSET } from "./unset.ts";

/** All parts in this process and an ERP that goes wrong as it is told, for the operator's pages. */
export async function openConsoleKit(given: Record<string, string> = {}) {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "console-"));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const erp = opening.use(await openFaultErp());
  const anyPort = Object.fromEntries(PORT_SETTINGS.map((name) => [name, "0"]));
  const settings = loadSettings({ ...UNSET, ...anyPort, DATA_DIR: dataDir, ERP_URL: erp.url, ...given });
  const { launchUrl, urls, secrets } = opening.use(await startSystem({ settings, log: createLog("silent") }));
  const owned = opening.move();
  return {
    /** Of the console. */
    url: urls.deviceDb,
    launchUrl,
    urls,
    secrets,
    erp,
    /** A guest who answers; resolves with the session's id. */
    answer: async (text: string, at = launchUrl): Promise<string> => {
      const guest = await createChatGuest(at);
      await guest.start();
      await guest.say(text);
      return guest.id;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

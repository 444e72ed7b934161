import type { TokenAnswer } from "../../bot/contract.ts";
import { countUsages } from "./ground.ts";
import { connectGuest, type Guest } from "./guest.ts";
import { startHotel } from "./hotel.ts";
import { addressOfPod, type Side } from "./side.ts";

/** The kit with one guest per pod who comes again and again. */
export async function startKit(dir: string, pods: number): Promise<Side> {
  await using opening = new AsyncDisposableStack();
  const { urls, secrets, launchPaths, close } = await startHotel(dir, pods);
  opening.defer(close);
  const guests = launchPaths.map((launchPath, pod) => ({
    http: opening.adopt(connectGuest(urls.bot, addressOfPod(pod)), (client) => client.close()),
    launchPath,
  }));
  const owned = opening.move();

  return {
    begin: async (pod) => {
      const guest = guests[pod];
      if (!guest) throw new Error(`There is no pod ${String(pod)}.`);
      return beginConversation(guest.http, guest.launchPath);
    },
    countUsages: () => countUsages(urls.erp, secrets.erpApiKey),
    close: () => owned.disposeAsync(),
  };
}

/** Token and conversation; what is left is the guest's answer. */
async function beginConversation(http: Guest, launchPath: string): Promise<() => Promise<void>> {
  const { conversationId, token } = (await http.send({ method: "POST", path: `${launchPath}/token` })) as TokenAnswer;
  await http.send({ method: "POST", path: "/v3/directline/conversations", token, body: {} });
  const path = `/v3/directline/conversations/${conversationId}/activities`;
  const body = { type: "message", from: { id: "guest" }, text: "wood" };
  return async () => void (await http.send({ method: "POST", path, token, body }));
}

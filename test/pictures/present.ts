/** What happens in the hotel while the pictures are taken. */
import type { Delivery } from "../../device-db/contract.ts";
import type { HandName } from "../../device-sim/hand-contract.ts";
import { createHttpGuest } from "../../scripts/scenarios/http-guest.ts";
import { eventually } from "../support/eventually.ts";
import type { PictureKit } from "./kit.ts";
import { TIME_ZONE } from "./rooms.ts";

type Stay = { room: string; scent: string; becomes: Delivery["state"] };

/** The guests of an afternoon: one room the ERP does not know, and to another call it answers with an error at first. */
export async function letGuestsCome(kit: PictureKit): Promise<void> {
  const { urls, ask, room } = kit;
  await stay(kit, { room: "Room 204", scent: "air", becomes: "delivered" });
  await ask(`${urls.erp}/api/faults`, { kind: "error-after", endpoint: "switch" });
  await stay(kit, { room: "Garden Suite", scent: "fire", becomes: "delivered" });
  await stay(kit, { room: "Harbour Suite", scent: "wood", becomes: "delivered" });
  const evening = { scent: "wood", startTime: "19:00:00", endTime: "22:00:00", timeZone: TIME_ZONE };
  const commands = `${urls.deviceDb}/api/devices/${room("Harbour Suite").serial}/commands`;
  await ask(commands, { action: "schedule", ...evening });
  await stay(kit, { room: "Spa Terrace", scent: "fire", becomes: "dead" });
  await stay(kit, { room: "Room 305", scent: "water", becomes: "delivered" });
  await stay(kit, { room: "Room 103", scent: "water", becomes: "delivered" });
  await layHand(kit, "Room 305", { hand: "fault", body: { faults: ["offline"] } });
}

/** A guest answers, and nobody else comes before the delivery has come to this. */
async function stay(kit: PictureKit, { room, scent, becomes }: Stay): Promise<void> {
  const guest = createHttpGuest(kit.room(room).launchUrl, () => undefined);
  const id = await guest.scan("en");
  await guest.tap([scent]);
  await guest.close();
  await untilDelivery(kit, id, becomes);
}

/** Waits until the delivery of a session has come to this. */
export async function untilDelivery({ urls, ask }: PictureKit, id: string, state: Delivery["state"]): Promise<void> {
  await eventually(async () => {
    const { data } = (await (await ask(`${urls.deviceDb}/api/deliveries`)).json()) as { data: Delivery[] };
    const seen = data.find(({ sessionId }) => sessionId === id)?.state;
    if (seen !== state) throw new Error(`The delivery of ${id} is ${seen ?? "not there"} instead of ${state}.`);
  });
}

/** Does something to the pod of a room. */
export async function layHand(
  { urls, ask, room }: PictureKit,
  name: string,
  { hand, body }: { hand: HandName; body: object },
): Promise<void> {
  await ask(`${urls.deviceSim}/api/pods/${room(name).serial}/${hand}`, body);
}

/** The hotel that the pictures show. */
import type { Capsules } from "../../device-sim/capsules.ts";
import { DEMO_DEVICE } from "../../scripts/parts.ts";

export const HOTEL = { corporation: "Katlai Demo Hotels", client: "Harbour View Hotel" };
export const TIME_ZONE = DEMO_DEVICE.timeZone;

type PodRoom = { serial: string; room: string; capsules: Capsules };

/** In which the kit has a pod; what is left in the capsules is what stays of the past. */
export const POD_ROOMS: readonly PodRoom[] = [
  { ...DEMO_DEVICE, capsules: { fire: 0.87, wood: 5.76, water: 6.63, air: 8.39 } },
  { serial: "HKAP0100000002", room: "Room 103", capsules: { fire: 7.2, wood: 3.41, water: 9.05, air: 6.18 } },
  { serial: "HKAP0100000003", room: "Harbour Suite", capsules: { fire: 4.4, wood: 2.86, water: 5.92, air: 1.35 } },
  { serial: "HKAP0100000004", room: "Garden Suite", capsules: { fire: 9.1, wood: 7.74, water: 0.64, air: 8.02 } },
  { serial: "HKAP0100000005", room: "Room 204", capsules: { fire: 6.15, wood: 8.3, water: 4.71, air: 9.88 } },
  { serial: "HKAP0100000006", room: "Room 305", capsules: { fire: 8.66, wood: 6.02, water: 7.5, air: 3.93 } },
];

/** One more with a pod, which nobody has told the ERP of. */
export const FORGOTTEN: PodRoom = {
  serial: "HKAP0100000013",
  room: "Spa Terrace",
  capsules: { fire: 10, wood: 10, water: 10, air: 10 },
};

/** What the ERP knows of beside those: their devices are not this kit's. */
export const OTHER_ROOMS: readonly Omit<PodRoom, "capsules">[] = [
  { serial: "HKAP0100000007", room: "Room 306" },
  { serial: "HKAP0100000008", room: "Room 401" },
  { serial: "HKAP0100000009", room: "Room 402" },
  { serial: "HKAP0100000010", room: "Room 403" },
  { serial: "HKAP0100000011", room: "Peak Suite" },
  { serial: "HKAP0100000012", room: "Room 501" },
];

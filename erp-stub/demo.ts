import type { MasterData } from "./store.ts";

/** A small hotel with the proof of concept's device and the documentation's own example. */
export const DEMO_DATA: MasterData = {
  corporation: "Katlai Demo Hotels",
  client: {
    name: "Harbour View Hotel",
    type: "hotel",
    timeZone: "Asia/Hong_Kong",
    chargeRateCents: 2_500,
    chargeUnit: "hourly",
  },
  deviceType: { code: "aromapodpro", name: "Aroma Pod Pro 4 capsules" },
  devices: [
    { serial: "HKAP0100000001", room: "Room 101" },
    { serial: "dev-0001", room: "Room 102" },
  ],
  scents: [
    { code: "fire", name: "Fire" },
    { code: "wood", name: "Wood" },
    { code: "water", name: "Water" },
    { code: "air", name: "Air" },
  ],
  schedules: [
    { startTime: "08:00:00", endTime: "09:00:00" },
    { startTime: "08:00:00", endTime: "12:00:00" },
    { startTime: "14:00:00", endTime: "18:00:00" },
    { startTime: "19:00:00", endTime: "22:00:00" },
  ],
};

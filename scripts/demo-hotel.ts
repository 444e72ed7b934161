/** The hotel that a new data folder of the bundled ERP has, and rooms to add to it. */
const CORPORATION = "Katlai Demo Hotels";
const CLIENT = "Harbour View Hotel";

export const DEMO_HOTEL = {
  corporation: CORPORATION,
  name: CLIENT,
  client_type: "hotel",
  timezone: "Asia/Hong_Kong",
  charge_rate_cents: 2_500,
  charge_unit: "hourly",
};
export const POD_TYPE = { code: "aromapodpro", name: "Aroma Pod Pro 4 capsules" };

/** The rows of an import that give each of these rooms its device. */
export function roomRows(places: readonly { serial: string; room: string }[], installedAt: string) {
  const where = { corporation: CORPORATION, client: CLIENT };
  return {
    rooms: places.map(({ room }) => ({ ...where, name: room })),
    devices: places.map(({ serial }) => ({ serial, device_type: POD_TYPE.code })),
    device_setups: places.map(({ room, serial }) => ({ serial, ...where, room, installed_at: installedAt })),
  };
}

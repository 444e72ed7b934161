import fc from "fast-check";
import type { MasterData } from "../../erp-stub/master-data-contract.ts";

const NO_NAME = /\p{Cc}|\p{Cs}|\ufffd/u;
const beginning = fc.constantFrom("", "'", "=", "+", "-", "@", "'=", '"', ",", ";", "é");
const name = fc
  .tuple(beginning, fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }))
  .map((parts) => parts.join("").trim())
  .filter((text) => text !== "" && !NO_NAME.test(text));
const instant = fc.integer({ min: 0, max: 1_000 }).map((hours) => new Date(Date.UTC(2026, 0, 1, hours)).toISOString());
const time = fc.constantFrom("00:00:00", "08:00:00", "12:30:00", "23:59:59");
const lowered = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const fewOf = <T>(one: fc.Arbitrary<T>, selector: (value: T) => unknown) =>
  fc.uniqueArray(one, { minLength: 1, maxLength: 4, selector: (value) => JSON.stringify(selector(value)) });

/** Each device stands in one room after the other, also for no time at all. */
const stays = (rooms: number) => {
  const one = fc.record({ room: fc.nat(rooms - 1), gap: fc.boolean() });
  return fc
    .tuple(fc.array(instant, { maxLength: 6 }), fc.array(one, { minLength: 6, maxLength: 6 }))
    .map(([given, at]) => {
      const times = given.toSorted();
      return times.flatMap((installed_at, index) => {
        const stay = at[index];
        return stay && !stay.gap ? [{ room: stay.room, installed_at, ended_at: times[index + 1] ?? null }] : [];
      });
    });
};

/** All that an ERP may know, with names that are hard to write. */
export const anyMasterData: fc.Arbitrary<MasterData> = fc
  .record({
    corporations: fewOf(name, (value) => value),
    types: fewOf(fc.record({ code: name, name }), ({ code }) => code),
    scents: fewOf(fc.record({ code: name, name }), ({ code }) => lowered(code)),
    schedules: fewOf(fc.record({ start_time: time, end_time: time }), (value) => value),
    serials: fewOf(fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/), (value) => value),
  })
  .chain((base) => {
    const corporation = fc.constantFrom(...base.corporations);
    const one = fc.record({
      corporation,
      name: fc.oneof(fc.constantFrom("Hotel", "hotel"), name),
      client_type: fc.constantFrom("hotel", "spa"),
      timezone: fc.constantFrom("UTC", "Asia/Hong_Kong", "Europe/Zurich"),
      charge_rate_cents: fc.nat(),
      charge_unit: fc.constantFrom("daily", "hourly"),
    });
    return fewOf(one, (client) => [client.corporation, client.name]).map((clients) => ({ ...base, clients }));
  })
  .chain((base) => {
    const one = fc.tuple(fc.constantFrom(...base.clients), fc.oneof(fc.constantFrom("1", "01"), name));
    const rooms = fewOf(
      one.map(([client, room]) => ({ corporation: client.corporation, client: client.name, name: room })),
      (room) => room,
    );
    return rooms.map((found) => ({ ...base, rooms: found }));
  })
  .chain((base) => {
    const devices = base.serials.map((serial) =>
      fc.record({ serial: fc.constant(serial), device_type: fc.constantFrom(...base.types.map(({ code }) => code)) }),
    );
    return fc.tuple(fc.tuple(...devices), fc.tuple(...base.serials.map(() => stays(base.rooms.length)))).map(
      ([found, all]): MasterData => ({
        corporations: base.corporations.map((one) => ({ name: one })),
        clients: base.clients,
        device_types: base.types,
        rooms: base.rooms,
        devices: found,
        device_setups: all.flatMap((list, at) =>
          list.map(({ room, ...times }) => {
            const { name: called = "", ...where } = base.rooms[room] ?? {};
            return { serial: base.serials[at] ?? "", ...where, room: called, ...times };
          }),
        ),
        scents: base.scents,
        schedules: base.schedules,
      }),
    );
  });

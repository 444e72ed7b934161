import { expect, test } from "vitest";
import { type Row, remove } from "../support/erp-api.ts";
import type { ErpAddress } from "../support/erp-calls.ts";
import { addHotel, type BillableLine, type Hotel, report, type UsageLine } from "../support/erp-hotel.ts";
import type { ErpUnderTest } from "./acceptance.ts";

type Skip = (condition: boolean, note: string) => void;

/** The numbered checks of the reports: they add clients of their own with usages of two years ago, and remove them again. */
export function reportAcceptance(erp: () => ErpUnderTest): void {
  test("11: a client's usages are in its own report, and in no other's", async ({ skip }) => {
    await using hotels = await openHotels(erp(), skip);
    const { first, second } = hotels;
    const [own] = await hotels.use("2024-11-05T09:00:00Z", "2024-11-05T10:00:00Z");
    const [line, ...more] = (await november(hotels, first)).data;
    expect([line?.id, line?.serial, more]).toEqual([own?.id, first.devices[0]?.["serial"], []]);
    const others = (await november(hotels, second)).data;
    expect(others.map(({ serial }) => serial)).toEqual([second.devices[0]?.["serial"]]);
  });

  test.for<[checkin: string, checkout: string, inHongKong: boolean, inNewYork: boolean]>([
    ["2024-10-31T15:00:00Z", "2024-10-31T15:59:59Z", false, false],
    ["2024-10-31T16:00:00Z", "2024-10-31T16:30:00Z", true, false],
    ["2024-11-01T03:00:00Z", "2024-11-01T03:59:59Z", true, false],
    ["2024-11-01T04:00:00Z", "2024-11-01T04:30:00Z", true, true],
    ["2024-11-30T15:59:59Z", "2024-11-30T15:59:59Z", true, true],
    ["2024-11-30T16:00:00Z", "2024-11-30T16:30:00Z", false, true],
    ["2024-12-01T04:59:59Z", "2024-12-01T04:59:59Z", false, true],
    ["2024-12-01T05:00:00Z", "2024-12-01T05:30:00Z", false, false],
  ])("11: a usage from %s to %s is one of November in Hong Kong: %s, in New York: %s", async (row, { skip }) => {
    const [checkin, checkout, inHongKong, inNewYork] = row;
    await using hotels = await openHotels(erp(), skip);
    await hotels.use(checkin, checkout);
    const counts = [await november(hotels, hotels.first), await november(hotels, hotels.second)];
    expect(counts.map(({ data }) => data.length > 0)).toEqual([inHongKong, inNewYork]);
  });

  test("12: the same usages cost begun hours where hours are charged, and days where days are", async ({ skip }) => {
    await using hotels = await openHotels(erp(), skip, "UTC");
    await hotels.use("2024-11-05T09:00:00Z", "2024-11-05T10:30:00Z");
    await hotels.use("2024-11-07T23:30:00Z", "2024-11-08T00:15:00Z");
    const billed = async ({ client }: Hotel) => {
      const period = { client_id: client.id, from: "2024-11-01", to: "2024-11-30" };
      const { data, units, amount_cents } = await report<BillableLine>(hotels.erp, "billables", period);
      return [data.map((line) => [line.units, line.amount_cents]), units, amount_cents];
    };
    // 135 minutes, on three days.
    expect(await billed(hotels.first)).toEqual([[[3, 3 * 2_500]], 3, 3 * 2_500]);
    expect(await billed(hotels.second)).toEqual([[[3, 3 * 10_000]], 3, 3 * 10_000]);
    await hotels.use("2024-11-05T12:00:00Z", "2024-11-05T13:00:00Z");
    expect(await billed(hotels.first)).toEqual([[[4, 4 * 2_500]], 4, 4 * 2_500]);
    expect(await billed(hotels.second)).toEqual([[[3, 3 * 10_000]], 3, 3 * 10_000]);
  });
}

type Hotels = Awaited<ReturnType<typeof openHotels>>;

const november = ({ erp }: Hotels, { client }: Hotel) =>
  report<UsageLine>(erp, "device-usage", { client_id: client.id, from: "2024-11-01", to: "2024-11-30" });

/** One charged by the hour and one by the day, each with a device; both are removed at the end. */
async function openHotels({ url, apiKey = "" }: ErpUnderTest, skip: Skip, timezone?: string) {
  skip(apiKey === "", "Without ERP_API_KEY no client can be added.");
  const erp: ErpAddress = { url, apiKey };
  const serial = `acceptance-${crypto.randomUUID().slice(0, 8)}`;
  const hourly = { charge_unit: "hourly", charge_rate_cents: 2_500, serials: [`${serial}-a`] } as const;
  const daily = { charge_unit: "daily", charge_rate_cents: 10_000, serials: [`${serial}-b`] } as const;
  const first = await addHotel(erp, { ...hourly, timezone: timezone ?? "Asia/Hong_Kong" });
  const second = await addHotel(erp, { ...daily, timezone: timezone ?? "America/New_York" });
  const scent = await first.keep("scents", { code: serial, name: serial });
  return {
    erp,
    first,
    second,
    /** Enters the same usage for the device of each. */
    use: (checkin_at: string, checkout_at: string): Promise<Row[]> =>
      Promise.all(
        [first, second].map(({ devices, keep }) =>
          keep("device-usages", { device_id: devices[0]?.id, scent_id: scent.id, checkin_at, checkout_at }),
        ),
      ),
    async [Symbol.asyncDispose]() {
      for (const path of [...second.added.toReversed(), ...first.added.toReversed()]) await remove(erp, path);
    },
  };
}

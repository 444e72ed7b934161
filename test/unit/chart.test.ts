import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { barChart } from "../../erp-stub/chart.ts";

const plain = { caption: "Usages", format: (value: number) => String(value) };
const barsOf = (values: readonly number[], label = (at: number) => `${at + 1} Mar`) =>
  values.map((value, at) => ({ label: label(at), value, title: `${label(at)}: ${value}` }));

/** What stands in a chart. */
function drawn(bars: Parameters<typeof barChart>[0], options: Parameters<typeof barChart>[1] = plain) {
  const { markup } = barChart(bars, options);
  const all = (pattern: RegExp) => [...markup.matchAll(pattern)].map(([, ...groups]) => groups);
  return {
    markup,
    ticks: all(/<span>(.*?)<\/span>/g).flat(),
    lines: all(/<line class="(\w+)" [^>]*y1="(.*?)%" y2="\2%"\/>/g).map(([kind, y]) => [kind, Number(y)]),
    bars: all(/<rect class="bar" x="(.*?)%" y="(.*?)%" width="(.*?)%" height="(.*?)%"><title>(.*?)<\/title>/g).map(
      ([x, y, width, height, title]) => ({
        x: Number(x),
        y: Number(y),
        width: Number(width),
        height: Number(height),
        title,
      }),
    ),
    labels: all(/<text class="label(?: wide)?" [^>]*>(.*?)<\/text>/g).flat(),
    narrow: all(/<text class="label" [^>]*>(.*?)<\/text>/g).flat(),
  };
}

describe("the axis of a chart", () => {
  test.for<[greatest: number, ticks: number[]]>([
    [0, [0]],
    [0.3, [0, 1]],
    [1, [0, 1]],
    [5, [0, 1, 2, 3, 4, 5]],
    [7, [0, 2, 4, 6, 8]],
    [11, [0, 5, 10, 15]],
    [43, [0, 10, 20, 30, 40, 50]],
    [1_000, [0, 200, 400, 600, 800, 1_000]],
    [1_001, [0, 500, 1_000, 1_500]],
    [123_456_789, [0, 50_000_000, 100_000_000, 150_000_000]],
  ])("has round steps up to %d", ([greatest, ticks]) => {
    expect(drawn(barsOf([0, greatest])).ticks).toEqual(ticks.map(String));
  });

  test("has a line for each step, the first of which the bars stand on", () => {
    expect(drawn(barsOf([8])).lines).toEqual([
      ["axis", 100],
      ["step", 75],
      ["step", 50],
      ["step", 25],
      ["step", 0],
    ]);
  });

  test("is written as the report writes its values", () => {
    const format = (cents: number) => `€${(cents / 100).toFixed(2)}`;
    expect(drawn(barsOf([390]), { caption: "", format }).ticks.slice(0, 2)).toEqual(["€0.00", "€1.00"]);
  });
});

describe("a chart", () => {
  test("has a bar for each value that is not nothing", () => {
    expect(drawn(barsOf([4, 0, 1, 2])).bars).toEqual([
      { x: 8, y: 0, width: 9, height: 100, title: "1 Mar: 4" },
      { x: 58, y: 75, width: 9, height: 25, title: "3 Mar: 1" },
      { x: 83, y: 50, width: 9, height: 50, title: "4 Mar: 2" },
    ]);
  });

  test("shows little beside much", () => {
    expect(drawn(barsOf([1, 1_000_000])).bars[0]?.height).toBeGreaterThan(0.5);
  });

  test("of nothing has an axis", () => {
    for (const bars of [barsOf([]), barsOf([0]), barsOf(Array(31).fill(0))]) {
      const { markup, ...chart } = drawn(bars);
      expect(chart).toMatchObject({ ticks: ["0"], lines: [["axis", 100]], bars: [] });
      expect(markup).not.toContain("NaN");
    }
  });

  test("of one bar has it in the middle, and not as wide as the picture", () => {
    expect(drawn(barsOf([7])).bars).toEqual([{ x: 45.5, y: 12.5, width: 9, height: 87.5, title: "1 Mar: 7" }]);
  });

  test("of a month has a date every three days, and every nine on a phone", () => {
    const month = drawn(barsOf(Array(31).fill(1)));
    expect(month.labels.map((label) => Number.parseInt(label, 10))).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31]);
    expect(month.narrow).toEqual(["1 Mar", "10 Mar", "19 Mar", "28 Mar"]);
  });

  test("of a leap year has twelve dates, and less if they are longer", () => {
    const year = Array<number>(366).fill(1);
    expect(drawn(barsOf(year, (at) => `day ${at}`)).labels.length).toBe(12);
    const long = drawn(barsOf(year, (at) => `a day that is the number ${at} of this year`));
    expect([long.labels.length, long.narrow.length]).toEqual([2, 1]);
  });

  test("is a picture with a name, whatever words are in it", () => {
    const evil = `"><script>alert(1)</script>`;
    const { markup } = drawn([{ label: evil, value: 1, title: evil }], { caption: evil, format: () => evil });
    const escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;";
    expect(markup).toContain(`role="img" aria-label="${escaped}"`);
    expect(markup.split(escaped).length).toBe(1 + 1 + 2 + 2);
    expect(markup).not.toMatch(/<script|style=|\son\w+=/);
  });

  test("stays within its picture", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(50), fc.nat(10 ** 12)), { maxLength: 366, size: "max" }), (values) => {
        const { ticks, bars, labels } = drawn(barsOf(values));
        expect(Number(ticks.at(-1))).toBeGreaterThanOrEqual(Math.max(0, ...values));
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(labels.length).toBeLessThanOrEqual(12);
        expect(bars.length).toBe(values.filter((value) => value > 0).length);
        for (const { x, y, width, height } of bars) {
          expect(Math.min(x, y, 100 - x - width)).toBeGreaterThan(-0.1);
          expect(y + height).toBeCloseTo(100);
        }
      }),
      { numRuns: 200 },
    );
  });
});

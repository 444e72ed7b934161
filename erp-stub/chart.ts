/** The reports' bar chart: a picture without scripts or inline styles, which gets its colours from `erp-chart.css`. */
import { type Html, html } from "../plumbing/html.ts";

/** The value is from 0 on, the title what a pointer on the bar shows. */
type Bar = { label: string; value: number; title: string };

const MOST_STEPS = 5;
const MOST_LABELS = 12;
/** What there is room for below the bars. */
const WIDE_CHARACTERS = 110;
const NARROW_CHARACTERS = 40;
/** In percent of the picture; what is smaller would not be seen on a phone, and little is not nothing. */
const WIDTH = { least: 0.4, most: 9 };
const LEAST_HEIGHT = 0.6;

/**
 * Bars for those who see them; for all others the values have to stand in a table beside. Places are in percent of a
 * size that the style sheet gives, so that letters are as large on a phone as elsewhere.
 *
 * @param format writes a value of the axis; the steps between those are whole numbers, so money is best given in cents
 */
export function barChart(
  bars: readonly Bar[],
  { caption, format }: { caption: string; format: (value: number) => string },
): Html {
  const ticks = ticksFor(Math.max(0, ...bars.map(({ value }) => value)));
  const top = ticks.at(-1) || 1;
  return html`<div class="chart" role="img" aria-label="${caption}">
<div class="ticks">${ticks.map((tick) => html`<span>${format(tick)}</span>`)}</div>
<svg>${ticks.map((tick) => lineAt(tick / top))}${bars.map((bar, at) => columnOf(bar, { at, of: bars.length, top }))}${labelsOf(bars)}</svg>
</div>`;
}

/** From 0 to the first one that is not below the greatest value, in steps of 1, 2 or 5, tens of those, and so on. */
function ticksFor(greatest: number): number[] {
  const least = Math.max(1, greatest / MOST_STEPS);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  return Array.from({ length: Math.ceil(greatest / step) + 1 }, (_, at) => at * step);
}

function lineAt(height: number): Html {
  const y = percent(100 * (1 - height));
  return html`<line class="${height === 0 ? "axis" : "step"}" x1="0" x2="100%" y1="${y}" y2="${y}"/>`;
}

function columnOf({ value, title }: Bar, { at, of, top }: { at: number; of: number; top: number }): Html | false {
  if (value === 0) return false;
  const width = Math.max(WIDTH.least, Math.min(WIDTH.most, 75 / of));
  const height = Math.max(LEAST_HEIGHT, (100 * value) / top);
  const x = middleOf(at, of) - width / 2;
  return html`<rect class="bar" x="${percent(x)}" y="${percent(100 - height)}" width="${percent(width)}" height="${percent(height)}"><title>${title}</title></rect>`;
}

/** As many as there is room for, at equal distances; a narrow picture leaves out those that it has no room for. */
function labelsOf(bars: readonly Bar[]): Html[] {
  const length = 2 + Math.max(0, ...bars.map(({ label }) => label.length));
  const fitting = (characters: number) => Math.min(MOST_LABELS, Math.max(1, Math.floor(characters / length)));
  const stride = Math.ceil(bars.length / fitting(WIDE_CHARACTERS));
  const narrow = stride * Math.ceil(bars.length / stride / fitting(NARROW_CHARACTERS));
  return bars.flatMap(({ label }, at) => {
    if (at % stride !== 0) return [];
    const kind = at % narrow === 0 ? "label" : "label wide";
    return [html`<text class="${kind}" x="${percent(middleOf(at, bars.length))}" y="100%" dy="1.6em">${label}</text>`];
  });
}

function middleOf(at: number, of: number): number {
  return (100 * (at + 0.5)) / of;
}

function percent(value: number): string {
  return `${Number(value.toFixed(3))}%`;
}

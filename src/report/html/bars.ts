import { largest } from '../../measure/extremes.js';
import type { Row } from '../../result/schema.js';
import { formatInterval, formatNs, formatRate, formatSi } from '../../result/units.js';
import { figure, seriesClass } from './frame.js';
import { type Html, html, lines } from './markup.js';

/** Times the longest bar. */
const LONGEST_WHISKER = 1.3;

/**
 * The speed of each device as a bar, with the interval of its median as a whisker: longer is faster. Plain HTML, so that it
 * fits any width.
 */
export function speedBars(rows: readonly Row[], colorOf: (device: string) => number): Html {
  const measured = rows.filter(({ state, measurement }) => state === 'measured' && measurement);
  if (measured.length === 0) return html``;
  const rates = measured.map(({ measurement }) => 1 / (measurement?.wall.median ?? 1));
  const ends = measured.flatMap(({ measurement }) => {
    const interval = measurement?.wall.interval;
    return interval ? [1 / interval[0]] : [];
  });
  // A wide interval is cut off before it makes all bars short.
  const full = Math.min(largest([...rates, ...ends]), LONGEST_WHISKER * largest(rates));
  const unit = measured[0].work.itemUnit;
  return figure(
    'Speed of each device',
    html`<ol class="bars">${measured.map((row) => bar(row, full, colorOf(row.device)))}</ol>`,
    undefined,
    `${unit} per second by wall time; longer is faster, the whisker is the 95 % interval`,
  );
}

function bar(
  { device, measurement, work, speedup, verification }: Row,
  full: number,
  color: number,
): Html {
  if (!measurement) return html``;
  const { median, interval } = measurement.wall;
  const percent = (ns: number) => `${Math.min(100, 100 / ns / full).toFixed(2)}%`;
  const rate = `${formatSi(work.items / (median / 1e9))} ${work.itemUnit}/s`;
  const time = `${formatNs(median)} ${formatInterval(median, interval)}`;
  const tip = `${device}: ${time}\n${rate}${speedup ? `\n${formatRate(speedup.value)}x as fast as ${speedup.over}` : ''}`;
  const whisker =
    interval &&
    html`<span class="whisker" style="left:${percent(interval[1])};right:calc(100% - ${percent(interval[0])})"></span>`;
  return html`<li class="${seriesClass(color)}"><span class="who">${device}</span><span class="track" data-tip="${lines(tip)}"><span class="bar" style="width:${percent(median)}"></span>${whisker}</span><span class="value">${rate}${
    speedup && html` <b>${formatRate(speedup.value)}x</b>`
  }<small>${time}${verification && !verification.ok && ', wrong'}</small></span></li>`;
}

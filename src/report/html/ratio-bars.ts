import { largest } from '../../measure/extremes.js';
import type { ComparedRow } from '../../result/schema.js';
import { formatNs } from '../../result/units.js';
import { namesOf, signedPercent } from '../row-names.js';
import { figure } from './frame.js';
import { type Html, html, lines } from './markup.js';

/** Changes beyond this factor end at the edge: the table has their numbers. */
const WIDEST = Math.log(4);
/** What is drawn at least, however close all rows are to no change. */
const NARROWEST = Math.log(1.12);

/**
 * The change of each row on a common logarithmic scale: the interval of the ratio as a whisker, the
 * tolerance as a band around no change. Right is slower.
 */
export function ratioBars(rows: readonly ComparedRow[]): Html {
  const drawn = rows.filter(({ timeRatio }) => timeRatio);
  if (drawn.length === 0) return html``;
  const reaches = drawn.flatMap(({ timeRatio, tolerance }) => {
    const ends = [timeRatio?.value ?? 1, ...(timeRatio?.interval ?? [])];
    return [...ends.map((ratio) => Math.abs(Math.log(ratio))), Math.log(1 + tolerance)];
  });
  const reach = Math.min(WIDEST, Math.max(NARROWEST, 1.1 * largest(reaches)));
  const place = (ratio: number) => {
    const share = 0.5 + Math.log(ratio) / reach / 2;
    return (100 * Math.min(1, Math.max(0, share))).toFixed(2);
  };
  const name = namesOf(rows);
  return figure(
    'Time against the baseline',
    html`<ol class="bars ratios">${drawn.map((row) => ratioBar(row, name(row), place))}</ol>`,
    undefined,
    'right is slower; the whisker is the interval of the ratio, the band the tolerance',
  );
}

function ratioBar(row: ComparedRow, name: string, place: (ratio: number) => string): Html {
  const { timeRatio, tolerance, verdict, base, new: now, why } = row;
  if (!timeRatio) return html``;
  const { value, interval } = timeRatio;
  const times = base && now ? `${formatNs(base.timeNs)} -> ${formatNs(now.timeNs)}` : '';
  const range = interval ? interval.map(signedPercent).join(' to ') : 'no interval';
  const span = (kind: string, [low, high]: readonly [number, number]) =>
    html`<span class="${kind}" style="left:${place(low)}%;right:calc(100% - ${place(high)}%)"></span>`;
  return html`<li><span class="who">${name}</span><span class="track" data-tip="${lines(
    `${name}: ${verdict}\n${times}\n${range}\n${why}`,
  )}">${span('band', [1 / (1 + tolerance), 1 + tolerance])}<span class="one"></span>${
    interval && span('whisker', interval)
  }<span class="point ${verdict}" style="left:${place(value)}%"></span></span><span class="value"><b>${verdict}</b> ${signedPercent(
    value,
  )}<small>${range}</small></span></li>`;
}

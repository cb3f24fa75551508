import { scaleSymlog } from 'd3-scale';
import { largest, smallest } from '../../measure/extremes.js';
import { OUTLIER_FLOOR, outlierLimit } from '../../measure/outliers.js';
import type { FleetOutlier, FleetRecord } from '../../result/schema.js';
import { formatNs } from '../../result/units.js';
import { changeText } from '../fleet-document.js';
import { type Dot, stacked } from './dot-stacks.js';
import { chart, figure, type Places, placesOf, round } from './frame.js';
import { type Html, html, lines } from './markup.js';

type Group = FleetRecord['groups'][number];

/** More groups than this are not each drawn: the table has them all. */
const MOST_GROUPS = 24;
/** More hosts than this are drawn as one shape, and their values shown by column. */
const MOST_SINGLE = 300;
/** What is drawn at least on either side, however alike all hosts are. */
const NARROWEST = 1.2 * OUTLIER_FLOOR;
/** Hosts that take longer than 20 times the median stand at the edge. */
const WIDEST = 19;

const MOST_LABELS = 8;
const LABEL_ROWS = 4;
const LABEL_HEIGHT = 14;
const CHARACTER = 7.4;
const LABEL_CHARS = 28;
const MOST_NAMES = 5;

/**
 * One dot per host and group of like machines: how far its time is from the median of its group. Outliers
 * are coloured and named. Ten thousand hosts are one path per group, and stay light.
 */
export function fleetFigures({ groups, hosts, outliers }: FleetRecord): Html {
  const known = groups.filter(({ timesNs, members }) => timesNs?.length && members?.length);
  if (known.length === 0) return html``;
  // Where somebody is odd comes first.
  const isOdd = (group: Group) => outliersOf(group, outliers).length > 0;
  const drawn = [...known.filter(isOdd), ...known.filter((group) => !isOdd(group))];
  const rest = drawn.length - MOST_GROUPS;
  return html`<div class="figures">${drawn
    .slice(0, MOST_GROUPS)
    .map((group) => groupFigure(group, hosts, outliersOf(group, outliers)))}</div>${
    rest > 0 && html`<p>${rest} more groups are in the table.</p>`
  }`;
}

const outliersOf = ({ device, workload, sizes, dtype }: Group, outliers: readonly FleetOutlier[]) =>
  outliers.filter((one) => {
    return (
      one.device === device &&
      one.workload === workload &&
      one.sizes === sizes &&
      one.dtype === dtype
    );
  });

/** A host in a group. */
interface Member {
  readonly name: string;
  readonly timeNs: number;
  /** Time / median - 1. */
  readonly change: number;
  readonly causes?: readonly string[];
}

function groupFigure(
  group: Group,
  hosts: FleetRecord['hosts'],
  outliers: readonly FleetOutlier[],
): Html {
  const { medianNs, timesNs = [], members = [], chip, sizes, dtype, workload, device } = group;
  const odd = new Map(outliers.map((one) => [one.host, one]));
  const all = timesNs.map((timeNs, i): Member => {
    const name = hosts[members[i]]?.name ?? '?';
    const found = odd.get(name);
    // Another group of the same names has other times.
    const isOdd = found?.timeNs === timeNs;
    return { name, timeNs, change: timeNs / medianNs - 1, ...(isOdd && { causes: found.causes }) };
  });
  const labelled = all
    .filter(({ causes }) => causes)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, MOST_LABELS);
  const rows = Math.min(LABEL_ROWS, labelled.length);
  const frame = {
    ...{ width: 520, left: 16, right: 16, bottom: 44 },
    ...{ height: 150 + LABEL_HEIGHT * rows, top: 12 + LABEL_HEIGHT * rows },
  };
  const places = placesOf(
    frame,
    { x: [], y: [] },
    { x: changeAxis(all), y: { place: (value) => value, ticks: () => [] } },
  );
  const dots = stacked(all, ({ change }) => places.x(clamped(change)), frame);
  const drawn = html`${band(group, places)}<g class="dots s0">${
    all.length > MOST_SINGLE ? manyDots(dots) : dots.map((dot) => singleDot(dot))
  }${dots.filter(({ of }) => of.causes).map((dot) => singleDot(dot, 4))}${labels(
    dots.filter(({ of }) => labelled.includes(of)),
    places,
  )}</g>`;
  const summary = `${all.length} hosts: ${workload} on ${device}, median ${formatNs(medianNs)}, from ${changeText(smallest(all.map(({ change }) => change)))} to ${changeText(largest(all.map(({ change }) => change)))}; ${outliers.length} unlike the others.`;
  const note = `${chip}; ${sizes}, ${dtype}; ${all.length} ${all.length === 1 ? 'host' : 'hosts'}, median ${formatNs(medianNs)}`;
  return figure(
    `${workload} on ${device}`,
    chart(
      places,
      { x: 'time against the median', xTicks: ticksOf(places), yTicks: [] },
      summary,
      drawn,
    ),
    undefined,
    note,
  );
}

const tickText = (change: number) =>
  change < 1 ? `${change > 0 ? '+' : ''}${Math.round(change * 100)} %` : changeText(change);

const clamped = (change: number) => Math.min(WIDEST, change);

/** Linear within the floor of 5 %, then ever denser: both the spread and the far ones are seen. */
function changeAxis(members: readonly Member[]) {
  const changes = members.map(({ change }) => clamped(change));
  const low = Math.min(-NARROWEST, smallest(changes));
  const high = Math.max(NARROWEST, largest(changes));
  const scale = scaleSymlog([low, high], [0, 1]).constant(OUTLIER_FLOOR);
  return { place: (value: number) => scale(value), ticks: () => TICKS.filter(within(low, high)) };
}

const within = (low: number, high: number) => (value: number) => value >= low && value <= high;

/** In the order in which they get room. */
const TICKS = [
  0, 0.05, -0.05, 0.5, -0.5, 2, 0.2, -0.2, 10, 5, 1, 0.1, -0.1, 0.02, -0.02, 0.01, -0.01,
];
const TICK_ROOM = 50;

function ticksOf({ x, xTicks }: Places): { at: number; text: string }[] {
  const kept: { at: number; text: string }[] = [];
  for (const value of xTicks(TICKS.length)) {
    const at = x(value);
    if (kept.some((other) => Math.abs(other.at - at) < TICK_ROOM)) continue;
    kept.push({ at, text: value === 0 ? 'median' : tickText(value) });
  }
  return kept.sort((a, b) => a.at - b.at);
}

/** What counts as like the others. */
function band({ spread }: Group, { x, frame }: Places): Html {
  const limit = outlierLimit(spread);
  const [left, right] = [
    Math.max(frame.left, x(-limit)),
    Math.min(frame.width - frame.right, x(limit)),
  ];
  const base = frame.height - frame.bottom;
  return html`<rect class="interval" x="${left}" y="${frame.top}" width="${round(right - left)}" height="${base - frame.top}"/><path class="median" d="M${x(0)} ${frame.top}V${base}"/>`;
}

function singleDot({ of, x, y, r }: Dot<Member>, size = r): Html {
  const { name, timeNs, change, causes } = of;
  const kind = causes ? (change > 0 ? 'slower' : 'faster') : undefined;
  const tip = [name, `${formatNs(timeNs)}, ${changeText(change)}`, ...(causes ?? [])];
  return html`<circle${kind && html` class="${kind}"`} cx="${round(x)}" cy="${round(y)}" r="${round(size)}" data-tip="${lines(tip.join('\n'))}"/>`;
}

/** Sound hosts as one path, and a column to point at wherever there are some. */
function manyDots(dots: readonly Dot<Member>[]): Html {
  const places = new Set(dots.map(({ x, y }) => `M${round(x)} ${round(y)}h0`));
  const columns = new Map<number, Dot<Member>[]>();
  for (const dot of dots) {
    const column = Math.floor(dot.x / COLUMN);
    const own = columns.get(column);
    if (own) own.push(dot);
    else columns.set(column, [dot]);
  }
  const width = round(2 * (dots[0]?.r ?? 1));
  return html`<path class="many" stroke-width="${width}" d="${[...places].join('')}"/>${[
    ...columns,
  ].map(([column, own]) => {
    const top = smallest(own.map(({ y }) => y)) - 6;
    const bottom = largest(own.map(({ y }) => y)) + 6;
    return html`<rect class="column" x="${column * COLUMN}" y="${round(top)}" width="${COLUMN}" height="${round(bottom - top)}" data-tip="${lines(columnTip(own))}"/>`;
  })}`;
}

const COLUMN = 6;

function columnTip(own: readonly Dot<Member>[]): string {
  const changes = own.map(({ of }) => of.change);
  const range = [smallest(changes), largest(changes)].map(changeText);
  const names = own.slice(0, MOST_NAMES).map(({ of }) => of.name);
  const rest = own.length - names.length;
  return `${own.length === 1 ? '1 host' : `${own.length} hosts`}, ${[...new Set(range)].join(' to ')}\n${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** The names of the farthest outliers above their dots, in rows so that none covers another. */
function labels(dots: readonly Dot<Member>[], { frame }: Places): Html {
  const ends = Array.from({ length: LABEL_ROWS }, () => Number.NEGATIVE_INFINITY);
  const placed = [...dots]
    .sort((a, b) => a.x - b.x)
    .flatMap(({ of: { name, change }, x, y, r }) => {
      const short = name.length > LABEL_CHARS ? `${name.slice(0, LABEL_CHARS - 1)}…` : name;
      const text = `${short} ${changeText(change)}`;
      const width = text.length * CHARACTER;
      const start = Math.max(2, Math.min(x - width / 2, frame.width - width - 2));
      const row = ends.findIndex((end) => end < start);
      if (row < 0) return [];
      ends[row] = start + width + 8;
      return [{ text, x, start, top: frame.top - 6 - LABEL_HEIGHT * row, bottom: y - r - 2 }];
    });
  // No line crosses a name.
  return html`${placed.map(
    ({ x, top, bottom }) =>
      html`<path class="leader" d="M${round(x)} ${top + 3}V${round(bottom)}"/>`,
  )}${placed.map(({ start, top, text }) => html`<text x="${round(start)}" y="${top}">${text}</text>`)}`;
}

import { line } from 'd3-shape';
import { largest, smallest } from '../../measure/extremes.js';
import type { Row, TelemetryReading } from '../../result/schema.js';
import { formatPercent } from '../../result/units.js';
import { linearAxis } from '../plot-scale.js';
import { chart, figure, placesOf, SMALL, seriesClass } from './frame.js';
import { type Html, html, lines } from './markup.js';
import { titleOf } from './samples.js';

type Sensor = 'clockMHz' | 'powerW' | 'temperatureC' | 'utilisation';

const SENSORS: readonly {
  readonly id: Sensor;
  readonly title: string;
  format(value: number): string;
}[] = [
  {
    id: 'clockMHz',
    title: 'Clock',
    format: (value) => `${Math.round(value).toLocaleString('en-US')} MHz`,
  },
  { id: 'powerW', title: 'Power', format: (value) => `${Number(value.toPrecision(3))} W` },
  {
    id: 'temperatureC',
    title: 'Temperature',
    format: (value) => `${Number(value.toPrecision(3))} °C`,
  },
  { id: 'utilisation', title: 'Utilization', format: formatPercent },
];

const FRAME = { ...SMALL, height: 150 };

/** A little wider than the readings; a share of time goes from 0 to 1. */
function rangeOf(id: Sensor, values: readonly number[]): [low: number, high: number] {
  if (id === 'utilisation') return [0, 1];
  const [low, high] = [smallest(values), largest(values)];
  const pad = 0.08 * (high - low) || 0.05 * Math.abs(high) || 1;
  return [low - pad, high + pad];
}

/** What the sensors of a device said while a row was measured, one chart per sensor; none without sensors. */
export function sensorFigures(row: Row, color: number): Html[] {
  const { measurement } = row;
  const telemetry = measurement?.telemetry;
  if (!telemetry) return [];
  const readings = [telemetry.before, ...telemetry.blocks, telemetry.after];
  const where = titleOf(row);
  return SENSORS.flatMap(({ id, title, format }) => {
    const known = readings.filter((reading) => reading[id] !== undefined);
    return known.length > 1 ? [sensorFigure(known, id, title, where, format, color)] : [];
  });
}

function sensorFigure(
  readings: readonly TelemetryReading[],
  id: Sensor,
  title: string,
  where: string,
  format: (value: number) => string,
  color: number,
): Html {
  const reads = (reading: TelemetryReading) => reading[id] ?? 0;
  const seconds = (reading: TelemetryReading) => reading.atNs / 1e9;
  const times = readings.map(seconds);
  const values = readings.map(reads);
  const [first, last] = [times[0], times[times.length - 1]];
  const places = placesOf(
    FRAME,
    { x: times, y: values },
    { x: linearAxis(first, last), y: linearAxis(...rangeOf(id, values)) },
  );
  const path = line<TelemetryReading>()
    .x((reading) => places.x(seconds(reading)))
    .y((reading) => places.y(reads(reading)))
    .digits(1)([...readings]);
  const dots = readings.map((reading) => {
    const throttled = reading.throttling ?? [];
    const tip = [
      `${format(reads(reading))} after ${seconds(reading).toFixed(2)} s`,
      ...throttled,
    ].join('\n');
    return html`<circle cx="${places.x(seconds(reading))}" cy="${places.y(reads(reading))}" r="${throttled.length > 0 ? 4 : 2.4}"${
      throttled.length > 0 && html` class="marked"`
    } data-tip="${lines(tip)}"/>`;
  });
  const labels = {
    x: 'seconds',
    xTicks: [first, last].map((s) => ({ at: places.x(s), text: s.toFixed(1) })),
    yTicks: places.yTicks(4).map((value) => ({ at: places.y(value), text: format(value) })),
  };
  const drawn = html`<g class="curve ${seriesClass(color)}"><path class="line" d="${path ?? ''}"/>${dots}</g>`;
  const range = [smallest(values), largest(values)].map(format).join(' to ');
  return figure(
    title,
    chart(places, labels, `${title} of ${where}: ${range}`, drawn),
    undefined,
    where,
  );
}

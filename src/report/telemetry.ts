import { largest, smallest } from '../measure/extremes.js';
import type { DeviceInfo, Row } from '../result/schema.js';
import { formatPercent, formatRate, formatSi } from '../result/units.js';
import type { Block } from './document.js';

type Telemetry = NonNullable<NonNullable<Row['measurement']>['telemetry']>;
export type Sensor = 'clockMHz' | 'memoryClockMHz' | 'temperatureC' | 'powerW' | 'utilisation';

/** The lowest and highest reading of a sensor between the blocks; undefined if it has none. */
export function readingRange(
  { blocks }: Telemetry,
  sensor: Sensor,
): { low: number; high: number } | undefined {
  const values = blocks.flatMap((reading) => reading[sensor] ?? []);
  if (values.length === 0) return undefined;
  return { low: smallest(values), high: largest(values) };
}

/** One line per device: its clocks, temperature, power and energy during the measurement. */
export function telemetryFacts(rows: readonly Row[], devices: readonly DeviceInfo[]): Block[] {
  const parts = new Set(devices.filter(({ mig }) => mig).map(({ id }) => id));
  const facts = rows.flatMap(({ device, work, measurement }) => {
    if (!measurement?.telemetry) return [];
    const value = describe(measurement.telemetry, work);
    const ofWhat = parts.has(device) ? `the card of ${device}` : device;
    return value ? [{ label: `sensors of ${ofWhat}`, value }] : [];
  });
  return facts.length > 0 ? [{ kind: 'facts', facts }] : [];
}

function describe(telemetry: Telemetry, { items, itemUnit }: Row['work']): string {
  const range = (sensor: Sensor, format: (value: number) => string) => {
    const found = readingRange(telemetry, sensor);
    if (!found) return undefined;
    const [low, high] = [format(found.low), format(found.high)];
    return low === high ? high : `${low}-${high}`;
  };
  const [clock, memoryClock, heat, power, busy] = [
    range('clockMHz', whole),
    range('memoryClockMHz', whole),
    range('temperatureC', whole),
    range('powerW', whole),
    range('utilisation', formatPercent),
  ];
  const joules = telemetry.energy?.joulesPerIteration;
  const { cpu, memory } = telemetry.rails ?? {};
  return [
    clock && `clock ${clock} MHz`,
    memoryClock && `memory ${memoryClock} MHz`,
    heat && `${heat} °C`,
    power && `${power} W`,
    busy && `utilization ${busy}`,
    joules !== undefined &&
      `${formatJoules(joules)} per iteration (${formatRate(items / joules)} ${itemUnit}/J)`,
    cpu && `CPU cores ${formatJoules(cpu.joulesPerIteration)} per iteration`,
    memory && `memory ${formatJoules(memory.joulesPerIteration)} per iteration`,
  ]
    .filter(Boolean)
    .join(', ');
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** `12.3 mJ`. */
function formatJoules(joules: number): string {
  if (joules >= 1) return `${formatSi(joules)} J`;
  if (joules >= 1e-3) return `${formatSi(joules * 1e3)} mJ`;
  return `${formatSi(joules * 1e6)} µJ`;
}

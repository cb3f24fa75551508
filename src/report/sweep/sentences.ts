import { plateauOf } from '../../measure/crossover.js';
import { type Curve, curveKey, curvesOf, speedupsOf } from '../../result/curves.js';
import type { BenchResult, Coordinates, SweepRecord } from '../../result/schema.js';
import { formatRate, formatSi } from '../../result/units.js';
import type { DeviceRecord } from '../devices-document.js';
import { sizeText } from '../plot-scale.js';

type CurveRecord = SweepRecord['curves'][number];

/** From which size on each device beats the baseline, one sentence per curve. */
export function sweepSentences(sweep: SweepRecord, { rows, devices }: BenchResult): string[] {
  const { over, baseline } = sweep;
  if (over === undefined) return [];
  const curves = curvesOf(
    rows.filter(({ workload }) => workload === sweep.workload),
    over,
  );
  const nameOf = namesOf(devices, curves);
  return sweep.curves.flatMap((record) => {
    const key = curveKey(record.device, record.at);
    const curve = curves.find(({ device, at }) => curveKey(device, at) === key);
    if (!curve) return [];
    const sentence =
      baseline === undefined
        ? fastestSentence(curve, over)
        : crossoverSentence(record, curve, over, nameOf(record.device), nameOf(baseline));
    return sentence ? [withPlace(sentence, record.at)] : [];
  });
}

/** `The GPU` if there is one, else the id. */
function namesOf(devices: readonly DeviceRecord[], curves: readonly Curve[]) {
  const used = devices.filter(({ id }) => curves.some(({ device }) => device === id));
  // A framework's device shows what the framework gets of the hardware: it goes by its own name.
  const native = used.filter(({ framework }) => framework === undefined);
  const nouns = {
    gpu: 'the GPU',
    integrated: 'the GPU',
    software: 'the software GPU',
    cpu: 'the CPU',
  };
  return (id: string): string => {
    const device = native.find((candidate) => candidate.id === id);
    if (!device) return id;
    const noun = nouns[device.kind];
    const sharing = native.filter(({ kind }) => nouns[kind] === noun);
    return sharing.length === 1 ? noun : id;
  };
}

function crossoverSentence(
  { crossover }: CurveRecord,
  curve: Curve,
  over: string,
  name: string,
  baseline: string,
): string | undefined {
  if (!crossover) return undefined;
  const speedups = speedupsOf(curve, over);
  const at = (size: number) => `${words(over)} ${sizeText(size)}`;
  const speedAt = (size: number) => {
    const found = speedups.find((point) => point.size === size);
    return found ? `${ratioText(found.value)}x` : '';
  };
  switch (crossover.state) {
    case 'between': {
      const { below, from } = crossover;
      const range = `between ${at(below)} and ${sizeText(from)}`;
      const plateau = plateauOf(speedups.filter(({ size }) => size >= from));
      const largest = speedups.at(-1)?.size;
      const where =
        plateau && plateau.from !== largest
          ? `from ${sizeText(plateau.from)} on`
          : `at ${sizeText(largest ?? from)}`;
      return `${capital(name)} overtakes ${baseline} ${range}, and is ${ratioText(plateau?.value ?? 1)}x as fast ${where}.`;
    }
    case 'always': {
      const { from } = crossover;
      const largest = speedups.at(-1)?.size ?? from;
      const speeds =
        largest === from
          ? `${speedAt(from)} as fast`
          : `${speedAt(from)} as fast at ${sizeText(from)}, ${speedAt(largest)} at ${sizeText(largest)}`;
      return `${capital(name)} is faster than ${baseline} at every size measured, from ${at(from)} on: ${speeds}.`;
    }
    case 'never': {
      const { upTo } = crossover;
      const ahead = speedups.filter(({ interval }) => interval && interval[0] > 1);
      const speed = speedups.find(({ size }) => size === upTo);
      const isTie = speed?.interval && speed.interval[0] <= 1 && speed.interval[1] >= 1;
      const there = isTie
        ? 'where the two cannot be distinguished'
        : `where it is ${speedAt(upTo)} as fast`;
      const but =
        ahead.length > 0
          ? ` It is faster only at ${ahead.map(({ size }) => sizeText(size)).join(', ')}.`
          : '';
      return `${capital(name)} does not overtake ${baseline} up to ${at(upTo)}, ${there}.${but}`;
    }
    case 'unknown': {
      const { upTo } = crossover;
      const speed = speedAt(upTo);
      return `Whether ${name} overtakes ${baseline} is not known: it is ${speed} as fast at ${at(upTo)}, but that has no interval (disturbed, or too few samples).`;
    }
    default:
      return crossover satisfies never;
  }
}

/** Without a baseline: the size at which the device does most per second. */
function fastestSentence({ device, rows }: Curve, over: string): string | undefined {
  const best = [...rows].sort((a, b) => (b.rates?.itemsPerS ?? 0) - (a.rates?.itemsPerS ?? 0))[0];
  if (!best?.rates) return undefined;
  const { workload, rates, work, point } = best;
  return `${workload} on ${device} is fastest at ${words(over)} ${sizeText(Number(point?.[over]))}: ${formatSi(rates.itemsPerS)} ${work.itemUnit}/s.`;
}

/** `With dtype f16, the GPU ...`. */
function withPlace(sentence: string, at: Coordinates): string {
  const place = coordinatesText(at);
  if (!place) return sentence;
  const inner = sentence.replace(/^(The|Whether) /, (word) => word.toLowerCase());
  return `With ${place}, ${inner}`;
}

/** `dtype f16, batch 64`. */
export function coordinatesText(at: Coordinates): string {
  return Object.entries(at)
    .map(([name, value]) => `${words(name)} ${typeof value === 'number' ? sizeText(value) : value}`)
    .join(', ');
}

/** `learningRate` -> `learning rate`. */
export function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function ratioText(value: number): string {
  return value < 1 ? value.toPrecision(2) : formatRate(value);
}

function capital(text: string): string {
  return text.startsWith('the ') ? `T${text.slice(1)}` : text;
}

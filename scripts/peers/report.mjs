import { formatRate } from '../../dist/result/units.js';

const COLUMNS = [
  { header: '', cell: ({ name }) => name },
  { header: 'median', right: true, cell: time },
  { header: 'ratio', right: true, cell: ({ ratio }) => ratio?.toFixed(2) },
  { header: '95 % interval', right: true, cell: interval },
  { header: 'rate', right: true, cell: rate },
  { header: 'of roofline', right: true, cell: roofline },
];

/** The results of one case as aligned text. */
export function table({ title, format, rows, sensors }) {
  const columns = [
    ...COLUMNS,
    { header: '', cell: ({ note, reason }) => reason?.split('\n', 1)[0] ?? note },
  ];
  const cells = [
    columns.map(({ header }) => header),
    ...rows.map((row) => columns.map(({ cell }) => cell(row) ?? '')),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const lines = cells.map((line) => {
    const padded = line.map((cell, i) =>
      columns[i].right ? cell.padStart(widths[i]) : cell.padEnd(widths[i]),
    );
    return `  ${padded.join('  ')}`.trimEnd();
  });
  const seen = conditions(sensors);
  return `${title}, ${format}\n${lines.join('\n')}\n${seen ? `  ${seen}\n` : ''}`;
}

/** The whole record for docs/benchmarks.md. */
export function markdown({ at, host, ours, peers, threads, rounds, graphSteps, results }) {
  const cpus = `${host.logicalCpus} CPUs`;
  const machine = [host.cpu, cpus, host.os, host.virtualMachine && 'virtual machine'];
  const devices = ours.map(({ device, name, engine, driver, api }) =>
    [device, name, engine, driver, api].filter(Boolean).join(', '),
  );
  const { peak } = ours[0];
  const lines = [
    `${at.slice(0, 10)}, ${machine.filter(Boolean).join(', ')}; ${threads} CPU threads, ${rounds} rounds.`,
    `mpsbench ${ours[0].version} on ${devices.join(' and on ')}; ${[...new Set(peers.map(peerVersion))].join(', ')}.`,
    ...(peak ? [`Peaks of the roofline: ${peakText(peak)}.`] : []),
    ...(peers.some(({ variants }) => variants.some(({ several }) => several)) && graphSteps > 1
      ? [`A "CUDA graph of several" holds ${graphSteps} iterations.`]
      : []),
    '',
    'Wall time. Ratio: their time over that of the first row in the same round; above 1, mpsbench is faster.',
    '',
    `| workload | format | ${COLUMNS.map(({ header }) => header).join(' | ')} |`,
    `| --- | --- | ${COLUMNS.map(({ right }) => (right ? '---:' : '---')).join(' | ')} |`,
    ...results.flatMap(({ title, format, rows }) =>
      rows.map((row, i) => {
        const cells = COLUMNS.map(({ cell }) => cell(row) ?? '');
        return `| ${[i === 0 ? title : '', i === 0 ? format : '', ...cells].join(' | ')} |`;
      }),
    ),
    '',
    'The best of each peer against mpsbench, and what ran:',
    '',
    '| workload | format | best peer | ratio | mpsbench runs |',
    '| --- | --- | --- | ---: | --- |',
    ...results.map(bestLine),
  ];
  const seen = conditions(results.flatMap(({ sensors }) => sensors));
  return `${[...lines, ...(seen ? ['', `Sensors between the rounds: ${seen}.`] : [])].join('\n')}\n`;
}

/** The fastest row that is not ours, so that nobody has to search for it. */
function bestLine({ title, format, rows }) {
  const rivals = rows.filter(
    ({ name, ratio }) => ratio !== undefined && !name.startsWith('mpsbench'),
  );
  const best = rivals.sort((left, right) => left.medianNs - right.medianNs)[0];
  const cells = best ? [`${best.name}, ${best.note}`, best.ratio.toFixed(2)] : ['', ''];
  return `| ${[title, format, ...cells, rows[0].note].join(' | ')} |`;
}

const peerVersion = ({ name, version, device }) =>
  `${name} ${version}${device && device !== 'cpu' ? ` on ${device}` : ''}`;

function peakText({ gbPerS, gflops = {}, source }) {
  const rates = Object.entries(gflops).map(
    ([format, value]) => `${rounded(value / 1000)} TFLOP/s ${format}`,
  );
  return `${[`${rounded(gbPerS)} GB/s`, ...rates].join(', ')} (${source})`;
}

const rounded = (value) => Number(value.toPrecision(4));

/** The range of clocks, heat and power, and why clocks were held down. */
function conditions(sensors) {
  const range = (key, unit) => {
    const values = sensors.flatMap((reading) => reading[key] ?? []);
    if (values.length === 0) return [];
    const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0));
    return [`${low === high ? low : `${low} to ${high}`} ${unit}`];
  };
  const reasons = [...new Set(sensors.flatMap(({ throttling = [] }) => throttling))];
  return [
    ...range('clockMHz', 'MHz'),
    ...range('memoryClockMHz', 'MHz memory'),
    ...range('temperatureC', '°C'),
    ...range('powerW', 'W'),
    ...(reasons.length > 0 ? [`clocks held down: ${reasons.join(', ')}`] : []),
  ].join(', ');
}

function time({ state, medianNs }) {
  if (state !== 'measured') return state;
  if (medianNs >= 1e9) return `${(medianNs / 1e9).toPrecision(4)} s`;
  if (medianNs >= 1e6) return `${(medianNs / 1e6).toPrecision(4)} ms`;
  return `${(medianNs / 1e3).toPrecision(4)} µs`;
}

/** In the unit of the limit that is nearer: arithmetic or bandwidth. */
function rate({ rates }) {
  if (!rates) return undefined;
  const arithmetic =
    rates.gflops > 0 &&
    (rates.rooflineBound ? rates.rooflineBound === 'arithmetic' : rates.gflops > 10 * rates.gbPerS);
  if (!arithmetic) return `${formatRate(rates.gbPerS)} GB/s`;
  return rates.gflops >= 1000
    ? `${formatRate(rates.gflops / 1000)} TFLOP/s`
    : `${formatRate(rates.gflops)} GFLOP/s`;
}

function roofline({ rates }) {
  const share = rates?.rooflineShare;
  // A copy inside the cache is not bound by the memory, and computes nothing.
  return !share ? undefined : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function interval({ interval: ends }) {
  return ends && `${ends[0].toFixed(2)} to ${ends[1].toFixed(2)}`;
}

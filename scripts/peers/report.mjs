/** The results of one case as aligned text. */
export function table({ title, rows }) {
  const cells = [
    ['', 'median', 'ratio to ours', '95 % interval', ''],
    ...rows.map((row) => [row.name, time(row), ratio(row), interval(row), row.note]),
  ];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const lines = cells.map((line) => {
    const padded = line.map((cell, i) =>
      i === 0 || i === 4 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    );
    return `  ${padded.join('  ')}`.trimEnd();
  });
  return `${title}\n${lines.join('\n')}\n`;
}

/** The whole record for docs/benchmarks.md. */
export function markdown({ at, host, ours, peers, threads, rounds, results }) {
  const cpus = `${host.logicalCpus} CPUs`;
  const machine = [host.cpu, cpus, host.os, host.virtualMachine && 'virtual machine'];
  const device = [ours.device, ours.name, ours.engine, ours.driver].filter(Boolean).join(', ');
  const lines = [
    `${at.slice(0, 10)}, ${machine.filter(Boolean).join(', ')}; ${threads} threads, f32, ${rounds} rounds.`,
    `mpsbench ${ours.version} on ${device}; ${peers.map(peerVersion).join(', ')}.`,
    '',
    'Ratio: their time over ours in the same round; above 1, mpsbench is faster.',
    '',
    '| workload | | median | ratio | 95 % interval |',
    '| --- | --- | ---: | ---: | ---: |',
  ];
  for (const { title, rows } of results) {
    for (const row of rows) {
      lines.push(`| ${title} | ${row.name} | ${time(row)} | ${ratio(row)} | ${interval(row)} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const peerVersion = ({ name, version, device }) =>
  `${name} ${version}${device && device !== 'cpu' ? ` on ${device}` : ''}`;

function time({ state, medianNs }) {
  if (state !== 'measured') return state;
  if (medianNs >= 1e9) return `${(medianNs / 1e9).toPrecision(4)} s`;
  if (medianNs >= 1e6) return `${(medianNs / 1e6).toPrecision(4)} ms`;
  return `${(medianNs / 1e3).toPrecision(4)} µs`;
}

const ratio = ({ ratio: value }) => (value === undefined ? '' : value.toFixed(2));
const interval = ({ interval: ends }) =>
  ends ? `${ends[0].toFixed(2)} to ${ends[1].toFixed(2)}` : '';

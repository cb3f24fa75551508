/**
 * The sampler process: reads sensors and counters ten times per second. A driver that crashes ends it, and neither the
 * watched command nor its parent. It is in their process group, and so it also knows which signals reached all of them.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeviceReader } from './device-reader.js';
import { openMonitors } from './monitors.js';
import { processTree } from './process-tree.js';
import { type FromSampler, PASSED_SIGNALS, PERIOD_MS, type ToSampler } from './sampler-protocol.js';

// Drivers read files of the folder that they run in.
process.chdir(dirname(fileURLToPath(import.meta.url)));

/** Signals that came less than this ago count as the one that is asked for. */
const SAME_SIGNAL_MS = 500;
/** A signal to the group arrives everywhere at once, but a busy machine shows it late. */
const LATE_SIGNAL_MS = 30;

/** CPU time before the first sample: a start is no sampling. */
let startedWith = process.cpuUsage();
/** None until the sensors are open, which a driver may take seconds for. */
let readers: readonly DeviceReader[] = [];

/** Starts drivers; their GPUs are told before anything else may be. */
const opened = openMonitors().then(({ monitors, problem }) => {
  readers = monitors.map((monitor) => new DeviceReader(monitor));
  tell({
    kind: 'ready',
    devices: monitors.map(({ info }) => info),
    ...(problem !== undefined && { problem }),
  });
});

const receivedAt = new Map<NodeJS.Signals, number>();
for (const signal of PASSED_SIGNALS) {
  process.on(signal, () => receivedAt.set(signal, performance.now()));
}
process.on('disconnect', () => process.exit());
process.on('message', (message: ToSampler) => {
  if (message.kind === 'watch') watch(message.pid);
  else if (message.kind === 'received?') setTimeout(answer, LATE_SIGNAL_MS, message.signal);
  // A short command has ended before a driver has started: what is there is said all the same.
  else void opened.then(stop);
});

function watch(pid: number): void {
  startedWith = process.cpuUsage();
  const tree = processTree(pid);
  const take = () => {
    const reading = tree.read();
    const atNs = Number(process.hrtime.bigint());
    const devices = readers.map((reader) => reader.read(reading.pids));
    tell({
      kind: 'sample',
      sample: { atNs, ...(reading.sample && { tree: reading.sample }), devices },
    });
    if (reading.gone) {
      clearInterval(timer);
      tell({ kind: 'gone' });
    }
  };
  const timer = setInterval(take, PERIOD_MS);
  take();
}

function stop(): void {
  const { user, system } = process.cpuUsage(startedWith);
  tell({ kind: 'stopped', cpuSeconds: (user + system) / 1e6 }, () => process.exit());
}

function answer(signal: NodeJS.Signals): void {
  const at = receivedAt.get(signal);
  tell({
    kind: 'received',
    signal,
    yes: at !== undefined && performance.now() - at < SAME_SIGNAL_MS,
  });
}

function tell(message: FromSampler, then?: () => void): void {
  // The parent may be gone: 'disconnect' ends this process.
  process.send?.(message, undefined, undefined, () => then?.());
}

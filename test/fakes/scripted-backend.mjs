/**
 * A fake backend for the tests of the command line. It computes with the fake interpreter and does
 * what MPSBENCH_FAKE says, for example `crash:run`; loaded through MPSBENCH_BACKENDS.
 *
 *   crash:PHASE  the process ends by SIGSEGV        hang:PHASE   it never answers
 *   lost:PHASE   a coded device error               oom:run      it allocates without end
 *   defect:PHASE an error that has no code
 *   device:KIND  the device's clock answers zero, nan, infinity, negative, text, long (more than the
 *                wall time), wrapped (2^64 ns more) or backwards (the time before this one, negated)
 *   wall:KIND    the same of the host's clock; slow-zero: zero, though each iteration takes 20 ms
 *   wrong:VALUE  every result holds VALUE           slow:run     each sample takes 50 ms
 *   stopped:run  the like, and in one of the samples the process group is stopped for 2 s, as by Ctrl-Z
 *   held:compile the device is held for MPSBENCH_FAKE_HELD_S seconds (1) after the worker has
 *                ended, as long as the file MPSBENCH_FAKE_HELD is there, and is lost to a worker
 *                that compiles meanwhile
 *
 *
 * PHASE is probe, compile, verify (the first run), run (a later one) or profile. The fake says on
 * stderr when it begins to hang, and MPSBENCH_FAKE_SAYS when it compiles, as drivers do.
 * MPSBENCH_FAKE_SENSORS is the JSON of what its sensors say ("NaN" is the number), MPSBENCH_FAKE_NS the
 * scripted time of an iteration (of a list, each worker that compiles takes the next, the last again and again,
 * counted in the file MPSBENCH_FAKE_STARTS), MPSBENCH_FAKE_STEP_NS the step of its clock (NaN too), and MPSBENCH_FAKE_TF32 lets
 * it compute with TF32.
 */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { InterpretedExecutable } from './interpreter.mjs';

const [action, phase] = (process.env.MPSBENCH_FAKE ?? '').split(':');
const NS_PER_ITERATION = (process.env.MPSBENCH_FAKE_NS ?? '1e6').split(',').map(Number);
const RUNS_BEFORE_FAULT = 250;
const isSlow = action === 'slow' || action === 'stopped';
/** One of the samples. */
const RUN_STOPPED = 40;

const never = () => new Promise(() => setInterval(() => {}, 1e6));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function act(now) {
  if (phase !== now) return;
  if (action === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (action === 'hang') console.error(`the fake hangs in ${now}`);
  if (action === 'crash' || action === 'hang') await never();
  if (action === 'held') hold(process.env.MPSBENCH_FAKE_HELD);
  if (isSlow) await sleep(50);
  if (action === 'oom') {
    const held = [];
    for (;;) held.push(new Array(1e6).fill({ held }));
  }
  if (action === 'defect') throw new TypeError('a scripted defect');
  if (action === 'lost') throw lost('The fake device was lost.');
}

let previous = 0;

/** A time as a broken clock would have it. */
function distorted(ns) {
  const distortions = {
    zero: 0,
    'slow-zero': 0,
    nan: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    negative: -ns,
    text: `${ns} ns`,
    long: ns * 3,
    wrapped: ns + 2 ** 64,
    backwards: previous - ns,
  };
  previous = ns / 2;
  return distortions[phase];
}

const lost = (message) =>
  Object.assign(new Error(message), { code: 'device_lost', advice: 'Plug it in again.' });

/** A helper process of the driver, which ends after the worker; it inherits stderr, as such do. */
function hold(file) {
  if (existsSync(file)) throw lost('The fake device is still held by an earlier worker.');
  writeFileSync(file, '');
  const script = 'while kill -0 "$PPID" 2>/dev/null; do sleep 0.05; done; sleep "$1"; rm "$0"';
  spawn('sh', ['-c', script, file, process.env.MPSBENCH_FAKE_HELD_S ?? '1'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Stops every process of this group; one outside of it continues them. */
function stopGroup(seconds) {
  const group = execFileSync('ps', ['-o', 'pgid=', '-p', `${process.pid}`], {
    encoding: 'utf8',
  }).trim();
  const script = `sleep ${seconds}; kill -s CONT -- "-$0"`;
  spawn('sh', ['-c', script, group], { stdio: 'ignore', detached: true }).unref();
  process.kill(0, 'SIGSTOP');
}

/** What an iteration takes in this worker. */
function nextNs() {
  const file = process.env.MPSBENCH_FAKE_STARTS;
  if (!file) return NS_PER_ITERATION[0];
  const started = existsSync(file) ? statSync(file).size : 0;
  appendFileSync(file, '.');
  return NS_PER_ITERATION[Math.min(started, NS_PER_ITERATION.length - 1)];
}

class ScriptedExecutable extends InterpretedExecutable {
  runs = 0;
  nsPerIteration = nextNs();
  written = false;

  write(tensor, values) {
    this.written = true;
    super.write(tensor, values);
  }

  async run(iterations) {
    this.runs += 1;
    if (this.runs === 1) await act('verify');
    if (this.runs > (isSlow ? 2 : RUNS_BEFORE_FAULT)) await act('run');
    if (action === 'stopped' && this.runs === RUN_STOPPED) stopGroup(2);
    // Only what is run on new values has to be right; the later ones are scripted time.
    const isVerified = this.written;
    this.written = false;
    if (phase === 'slow-zero' && !isVerified) await sleep(20);
    const sample = await super.run(isVerified ? iterations : 0);
    const wallNs = iterations * this.nsPerIteration;
    const deviceNs = wallNs * 0.9;
    return {
      ...sample,
      iterations,
      wallNs: action === 'wall' ? distorted(wallNs) : wallNs,
      deviceNs: action === 'device' ? distorted(deviceNs) : deviceNs,
    };
  }

  async profile() {
    await act('profile');
    return super.profile();
  }

  async read(tensor) {
    const values = await super.read(tensor);
    return action === 'wrong' ? values.fill(Number(phase)) : values;
  }
}

const peakGflops = process.env.MPSBENCH_FAKE_PEAK_GFLOPS;
const lacks = new Set((process.env.MPSBENCH_FAKE_LACKS ?? '').split(',').filter(Boolean));

const sensors = process.env.MPSBENCH_FAKE_SENSORS;

const nan = (_, value) => (value === 'NaN' ? Number.NaN : value);

const device = (tf32) => ({
  id: 'fake:0',
  info: {
    id: 'fake:0',
    backend: 'fake',
    name: process.env.MPSBENCH_FAKE_NAME ?? 'scripted fake GPU',
    kind: 'gpu',
    dtypes: ['f32'],
    memoryBytes: 2 ** 30,
    deviceClock: {
      source: 'scripted',
      resolutionNs: Number(process.env.MPSBENCH_FAKE_STEP_NS ?? 1),
    },
    ...(tf32 && process.env.MPSBENCH_FAKE_TF32 ? { tf32 } : {}),
    ...(peakGflops ? { peak: { gflops: { f32: Number(peakGflops) }, source: 'scripted' } } : {}),
    details: {},
  },
  supports: (op) =>
    lacks.has(op.kind) ? { ok: false, reason: `the fake has no ${op.kind}` } : { ok: true },
  async compile(graph) {
    if (process.env.MPSBENCH_FAKE_SAYS) console.error(process.env.MPSBENCH_FAKE_SAYS);
    await act('compile');
    return new ScriptedExecutable(graph);
  },
  ...(sensors ? { telemetry: () => JSON.parse(sensors, nan) } : {}),
  dispose() {},
});

export const backend = {
  id: 'fake',
  async probe() {
    await act('probe');
    return { state: 'available', version: '1.0' };
  },
  devices: async ({ tf32 }) => [device(tf32)],
  monitors: async () => scriptedMonitors(),
};

/**
 * The sensors that MPSBENCH_FAKE_MONITORS scripts, a list of JSON objects:
 *   plan       [[seconds, utilisation], ...] from the first reading on; the last one stays
 *   holders    a file with the ids of the processes on the GPU, one per line; without it, none are listed
 *   others     how many processes of others are there
 *   byProcess  the driver counts by process: each holder has its part of the utilisation
 *   throws     it cannot be opened, for this reason; crashes: the process ends by SIGSEGV at the third reading
 */
function scriptedMonitors() {
  const scripts = JSON.parse(process.env.MPSBENCH_FAKE_MONITORS ?? '[]');
  return scripts.map((script, index) => {
    if (script.throws) throw lost(script.throws);
    let startedAt;
    let reads = 0;
    const read = () => {
      reads += 1;
      if (script.crashes && reads === 3) process.kill(process.pid, 'SIGSEGV');
      startedAt ??= performance.now();
      const seconds = (performance.now() - startedAt) / 1000;
      const { plan = [[Number.POSITIVE_INFINITY, 0]] } = script;
      const [, utilisation] = plan.find(([until]) => seconds < until) ?? plan.at(-1);
      return {
        utilisation,
        clockMHz: 1000,
        powerW: 100,
        memoryUsedBytes: 2 ** 30,
        ...(script.holders && { processes: processesOf(script, utilisation) }),
      };
    };
    const info = { id: `fake:${index}`, name: 'Scripted GPU', memoryBytes: 2 ** 34 };
    return { info, read };
  });
}

function processesOf({ holders, others = 0, byProcess = false }, utilisation) {
  const text = existsSync(holders) ? readFileSync(holders, 'utf8') : '';
  const pids = text.split('\n').filter(Boolean).map(Number);
  const all = [...pids, ...Array.from({ length: others }, (_, i) => 4_000_000 + i)];
  return all.map((pid) => ({
    pid,
    memoryBytes: 2 ** 20,
    ...(byProcess && { utilisation: utilisation / all.length }),
  }));
}

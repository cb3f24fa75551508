/**
 * Calls the addon with random and mutated arguments, in a process of its own so that a crash is seen.
 * Usage: node addon-fuzzer.mjs ADDON SEED RUNS. Each run has a seed of its own, printed where it fails.
 *
 * An error must have a code of mpsbench; a call must end within a second of CPU time. Sizes are small or far too
 * large for any machine, never in between: what fits the memory is really allocated.
 */
import { createRequire } from 'node:module';
import { seededRandom } from '../../../dist/measure/resampling-random.js';

const [path, seedText, runsText] = process.argv.slice(2);
const addon = createRequire(import.meta.url)(path);
const CODES = ['usage', 'unavailable', 'unsupported', 'out_of_memory', 'device_lost', 'internal'];
/** CPU time of one call; wall time may be ten times that, since others may have the CPU. */
const LIMIT_MS = 1000;

function makeRandom(seed) {
  const random = seededRandom(seed);
  const below = (limit) => Math.floor(random() * limit);
  return { below, pick: (list) => list[below(list.length)], chance: (oneIn) => below(oneIn) === 0 };
}

const KINDS = [
  'add',
  'sub',
  'mul',
  'matmul',
  'bias_add',
  'relu',
  'conv2d',
  'max_pool2d',
  'reshape',
];
const MORE_KINDS = ['softmax', 'mse_loss', 'mse_grad', 'reduce_sum', 'sgd_update'];
const DTYPES = ['f32', 'f64', 'f16', 'bf16'];
const ROLES = ['input', 'weight', 'state', 'temp'];
/** Dimensions that no machine has room for. */
const VAST = [2 ** 40, 2 ** 52, Number.MAX_SAFE_INTEGER];
/** Strides, which take no memory. */
const LONG = [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 33, ...VAST];
const ODD = [
  undefined,
  null,
  '',
  'x',
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  true,
];
const OBJECTS = [[], {}, () => 1, Symbol('s'), 10n, new Date(0), new Float32Array(3), 'é\0\ud800'];

/** Values of JavaScript that nothing expects. */
function odd({ pick, chance }) {
  return chance(2) ? pick(ODD) : pick(OBJECTS);
}

/** A stride or window: usually small, at times beyond 32 bits. */
function extent(random) {
  return random.chance(6) ? random.pick(LONG) : 1 + random.below(4);
}

/** The shapes of a small op of the kind: its inputs and its output. */
function shapesOf(kind, random, spec) {
  const size = () => 1 + random.below(9);
  const [n, m, k] = [size(), size(), size()];
  switch (kind) {
    case 'matmul':
      return [spec.transposeA ? [k, n] : [n, k], spec.transposeB ? [m, k] : [k, m], [n, m]];
    case 'bias_add':
      return [[n, m], [m], [n, m]];
    case 'relu':
    case 'softmax':
      return [
        [n, m],
        [n, m],
      ];
    case 'reshape':
      return [[n, m], [n * m]];
    case 'reduce_sum':
      return [[n, m], [m]];
    case 'mse_loss':
      return [[n, m], [n, m], [1]];
    case 'conv2d': {
      const image = [n, 4 + size(), 4 + size(), k];
      const filters = [1 + random.below(4), 1 + random.below(4), k, m];
      const out = [0, 1].map((axis) => {
        const valid = image[axis + 1] - filters[axis] + 1;
        const length = spec.padding === 'same' ? image[axis + 1] : valid;
        return Math.ceil(length / spec.strides[axis]);
      });
      return [image, filters, [n, ...out, m]];
    }
    case 'max_pool2d': {
      const image = [n, 4 + size(), 4 + size(), k];
      const out = [0, 1].map((axis) =>
        Math.max(1, Math.floor((image[axis + 1] - spec.window[axis]) / spec.strides[axis]) + 1),
      );
      return [image, [n, ...out, k]];
    }
    default:
      return [
        [n, m],
        [n, m],
        [n, m],
      ];
  }
}

function specOf(kind, random) {
  return {
    kind,
    transposeA: random.chance(2),
    transposeB: random.chance(2),
    window: [1 + random.below(3), 1 + random.below(3)],
    strides: [extent(random), extent(random)],
    padding: random.pick(['valid', 'same']),
    learningRate: random.pick([0.01, 0, -1, 1e308]),
  };
}

/** A valid graph: a chain of ops, each of them the only one, or followed by what may be fused. */
function validGraph(random) {
  const dtype = random.pick(DTYPES);
  const tensors = [];
  const ops = [];
  const tensor = (shape, role) => {
    const id = `t${tensors.length}`;
    tensors.push({ id, shape, role, dtype });
    return id;
  };
  const outputs = [];
  for (let i = 0; i < 1 + random.below(4); i++) {
    const spec = specOf(random.pick([...KINDS, ...MORE_KINDS]), random);
    const shapes = shapesOf(spec.kind, random, spec);
    const isUpdate = spec.kind === 'sgd_update';
    const inputs = shapes.slice(0, -1).map((shape, at) => {
      const role = isUpdate && at === 0 ? 'state' : random.pick(['input', 'weight']);
      return tensor(shape, role);
    });
    const output = isUpdate ? inputs[0] : tensor(shapes.at(-1), 'temp');
    ops.push({ ...spec, id: `op${i}`, inputs, output });
    let [last, shape] = [output, shapes.at(-1)];
    while (!isUpdate && random.chance(2)) {
      const kind = random.pick(['relu', 'bias_add', 'softmax']);
      const extra = kind === 'bias_add' ? [tensor([shape.at(-1)], 'weight')] : [];
      const to = tensor(shape, 'temp');
      ops.push({
        ...specOf(kind, random),
        id: `op${i}.${ops.length}`,
        inputs: [last, ...extra],
        output: to,
      });
      last = to;
    }
    if (!isUpdate) outputs.push(last);
  }
  return { name: 'fuzz', tensors, ops, outputs };
}

/** The value of a property; undefined for one that became a getter. */
function heldBy(node, key) {
  return Object.getOwnPropertyDescriptor(node, key)?.value;
}

/** Changes a few places of a value, deep inside it, to what nothing expects. */
function mutate(value, random, traps) {
  const places = [];
  const walk = (node) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node, key]);
      walk(node[key]);
    }
  };
  walk(value);
  for (let i = 0; i < 1 + random.below(2); i++) {
    const [node, key] = random.pick(places);
    const other = random.pick(Object.keys(node)) ?? key;
    const set = (name, value) =>
      Object.defineProperty(node, name, { value, enumerable: true, configurable: true });
    const change = random.below(6);
    if (change === 0) set(key, odd(random));
    else if (change === 1) Reflect.deleteProperty(node, key);
    else if (change === 2) set(key, random.pick([...VAST, ...DTYPES, ...ROLES, ...KINDS]));
    else if (change === 3) {
      const [first, second] = [heldBy(node, key), heldBy(node, other)];
      set(key, second);
      set(other, first);
    } else {
      const held = heldBy(node, key);
      const trap = random.pick(traps);
      const get = () => {
        trap();
        return held;
      };
      Object.defineProperty(node, key, { get, enumerable: true, configurable: true });
    }
  }
  return value;
}

let calls = 0;
let slowest = 0;

/** Makes a call; anything but a value or an error of mpsbench is a finding. */
function attempt(what, call) {
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  let value;
  let thrown;
  try {
    value = call();
  } catch (error) {
    thrown = error;
  }
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuStart);
  calls++;
  slowest = Math.max(slowest, took);
  if ((user + system) / 1e3 > LIMIT_MS || took > 10 * LIMIT_MS)
    throw new Finding(`${what} took ${Math.round(took)} ms`);
  if (thrown === undefined || thrown === trapped) return value;
  if (thrown instanceof Finding) throw thrown;
  if (CODES.includes(thrown?.code) && typeof thrown.message === 'string') return undefined;
  throw new Finding(`${what} threw ${thrown?.stack ?? String(thrown)}`);
}

class Finding extends Error {}

const trapped = new Error('thrown by a getter');

function oneRun(seed) {
  const random = makeRandom(seed);
  const options = {
    threads: 1 + random.below(3),
    ...(random.chance(3) && { kernels: random.pick(['best', 'library']) }),
  };
  if (random.chance(4)) options.engine = random.pick(['onednn', 'cblas', 'reference']);
  const backend = random.chance(20) ? odd(random) : 'cpu';
  const given = random.chance(8)
    ? mutate({ ...options, cpuQuota: 1.5 }, random, [() => {}])
    : options;
  if (random.chance(8)) attempt('separateDevices', () => addon.separateDevices(backend));
  if (random.chance(8)) {
    attempt('keepOnCpus', () => addon.keepOnCpus(mutate([4095, 4096], random, [() => {}])));
  }
  const device = attempt('devices', () => addon.devices(backend, given)?.[0]);
  if (!device) return;
  const traps = [
    () => device.dispose(),
    () => {
      throw trapped;
    },
    () => attempt('compile in a getter', () => device.compile(validGraph(random))),
  ];
  const graph = validGraph(random);
  const ops = graph.ops.map((op) => structuredClone(op));
  const input = random.chance(2) ? mutate(graph, random, traps) : graph;
  if (random.chance(4))
    attempt('supports', () =>
      device.supports(
        mutate(random.pick(ops), random, traps),
        random.pick([...DTYPES, odd(random)]),
      ),
    );
  if (random.chance(4))
    attempt('telemetry', () =>
      device.telemetry(random.pick([[1], mutate([1, 2], random, traps), odd(random)])),
    );
  attempt('fuses', () => device.fuses(input));
  const executable = attempt('compile', () => device.compile(input));
  if (random.chance(2)) device.dispose();
  if (!executable) return;
  use(executable, input, random);
  if (random.chance(2)) executable.dispose();
  if (random.chance(4)) attempt('run after dispose', () => executable.run(1, 'latency'));
}

function use(executable, graph, random) {
  for (const { id, shape, role, dtype } of graph.tensors) {
    if (role === 'temp' && !random.chance(4)) continue;
    const count = random.chance(10)
      ? random.below(99)
      : shape.reduce((product, n) => product * n, 1);
    const values = random.chance(10)
      ? odd(random)
      : new (random.pick([Float32Array, Float64Array]))(count);
    attempt(`write ${dtype}`, () => executable.write(random.chance(20) ? odd(random) : id, values));
  }
  const iterations = random.chance(6) ? random.pick([...ODD, 10n]) : 1 + random.below(3);
  // What a run of so many iterations takes is not the addon's to bound.
  const isEndless = typeof iterations === 'number' && iterations > 1000;
  if (!isEndless)
    attempt('run', () =>
      executable.run(iterations, random.pick(['latency', 'throughput', odd(random)])),
    );
  if (!isEndless && random.chance(2)) attempt('profile', () => executable.profile(iterations));
  attempt('steps', () => [executable.steps, executable.deviceBytes]);
  for (const { id } of graph.tensors)
    attempt('read', () => executable.read(random.chance(20) ? odd(random) : id));
}

for (let run = 0; run < Number(runsText); run++) {
  const seed = Number(seedText) + run;
  try {
    if (process.env.FUZZ_TRACE) console.error(seed);
    oneRun(seed);
  } catch (error) {
    console.log(`seed ${seed}: ${error.message}`);
    process.exitCode = 1;
    break;
  }
}
console.log(`${calls} calls, the slowest ${slowest.toFixed(0)} ms`);

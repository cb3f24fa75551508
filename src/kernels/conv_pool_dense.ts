/**
 * A whole small network in one pass: conv2d + bias + ReLU + max-pool + flatten + dense + bias
 * (+ softmax). Neither the feature map nor the pooled one is ever written.
 *
 * A thread keeps the patch of the image under one pooled pixel in registers, for a few images at
 * once. It walks over the filters: the filter's taps come from workgroup memory, the same for all
 * threads; the convolution's values of the pool window stay in registers; their maximum goes straight
 * into the sums of the dense layer, whose weights are read once for all images of the thread. They
 * are packed so that neighbouring threads (neighbouring pooled pixels) read neighbouring weights.
 * A lane group of threads shares the pixels of its images, and adds up its sums at the end.
 */
import type { Conv2dOp, MaxPool2dOp, Shape } from '../graph/types.js';
import { paddingBefore } from './conv2d.js';
import type { Kernel, KernelDType, Packing, WorkgroupLimits } from './kernel.js';
import { enables, foldedLaunch, storageBuffers } from './wgsl.js';

export interface ConvPoolDense {
  readonly x: Shape;
  readonly filters: Shape;
  /** [n, oh, ow, f] after pooling. */
  readonly pooled: Shape;
  readonly units: number;
  readonly conv: Pick<Conv2dOp, 'strides' | 'padding'>;
  readonly pool: Pick<MaxPool2dOp, 'window' | 'strides'>;
  readonly softmax: boolean;
}

/** How the work is spread over threads. */
export interface ConvPoolDensePlan {
  /** Images whose patches and sums one thread holds. */
  readonly imagesPerThread: number;
  /** Threads that share the pooled pixels of these images. */
  readonly laneGroup: number;
  /** Lane groups in a workgroup: they read the same weights at about the same time. */
  readonly groups: number;
}

/** Registers for patches and sums; more would spill on GPUs with 255 registers per thread. */
const REGISTER_BUDGET = 112;
/** Threads that fill a large GPU. */
const ENOUGH_THREADS = 65_536;
const MAX_UNITS = 32;
const MAX_LANE_GROUP = 256;
/** Above this many taps the source grows long and registers run out. */
const MAX_WINDOW_TAPS = 256;

/** The plan for these shapes, or undefined if they are too large for the pattern. */
export function planConvPoolDense(
  net: ConvPoolDense,
  limits: WorkgroupLimits,
): ConvPoolDensePlan | undefined {
  const patch = patchOf(net);
  const perImage = patch.rows * patch.columns * patch.channels + net.units;
  const imagesThatFit = Math.floor(REGISTER_BUDGET / perImage);
  const taps = net.filters[0] * net.filters[1] * net.filters[2];
  const windowTaps = net.pool.window[0] * net.pool.window[1] * taps;
  if (net.units > MAX_UNITS || imagesThatFit < 1 || windowTaps > MAX_WINDOW_TAPS) return undefined;
  const pixels = net.pooled[1] * net.pooled[2];
  const most = Math.min(MAX_LANE_GROUP, limits.maxInvocations);
  const plans: ConvPoolDensePlan[] = [
    { imagesPerThread: 3, laneGroup: fittingLaneGroup(pixels, 64), groups: 2 },
    { imagesPerThread: 2, laneGroup: fittingLaneGroup(pixels, 64), groups: 2 },
    { imagesPerThread: 1, laneGroup: fittingLaneGroup(pixels, 64), groups: 4 },
    { imagesPerThread: 1, laneGroup: fittingLaneGroup(pixels, most), groups: 1 },
  ];
  const possible = plans.filter(({ imagesPerThread }) => imagesPerThread <= imagesThatFit);
  const threads = ({ imagesPerThread, laneGroup }: ConvPoolDensePlan): number =>
    Math.ceil(net.x[0] / imagesPerThread) * laneGroup;
  const plan = possible.find((p) => threads(p) >= ENOUGH_THREADS) ?? possible.at(-1);
  return plan && workgroupBytes(net, plan) <= limits.maxStorageBytes ? plan : undefined;
}

/** The multiple of 32 up to `most` that leaves the fewest lanes without a pixel; the larger of two. */
function fittingLaneGroup(pixels: number, most: number): number {
  let best = 32;
  for (let lanes = 32; lanes <= most; lanes += 32) {
    if (paddedTo(pixels, lanes) <= paddedTo(pixels, best)) best = lanes;
  }
  return best;
}

function paddedTo(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** The part of the image that one pooled pixel depends on. */
function patchOf({ filters, conv, pool }: ConvPoolDense) {
  return {
    rows: (pool.window[0] - 1) * conv.strides[0] + filters[0],
    columns: (pool.window[1] - 1) * conv.strides[1] + filters[1],
    channels: filters[2],
  };
}

/** Taps and bias of a filter, in vectors of four. */
function vectorsPerFilter({ filters }: ConvPoolDense): number {
  return Math.ceil((filters[0] * filters[1] * filters[2] + 1) / 4);
}

function workgroupBytes(net: ConvPoolDense, plan: ConvPoolDensePlan): number {
  const threads = plan.laneGroup * plan.groups;
  const logits = plan.groups * plan.imagesPerThread * net.units;
  return 4 * (net.filters[3] * vectorsPerFilter(net) * 4 + net.units * (threads + 1) + logits);
}

/**
 * Dense weights [pixels * filters, units] as [filter, unit / width, pixel, width]. Pixels are padded
 * with zeros to a multiple of the lane group, so that lanes without a pixel add nothing.
 */
function packDense(net: ConvPoolDense, laneGroup: number): Packing {
  const pixels = net.pooled[1] * net.pooled[2];
  const padded = paddedTo(pixels, laneGroup);
  const outputs = net.filters[3];
  const width = weightWidth(net.units);
  const elements = outputs * net.units * padded;
  return {
    elements,
    pack(values) {
      const packed = new Float32Array(elements);
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let f = 0; f < outputs; f++) {
          for (let u = 0; u < net.units; u++) {
            const vector = f * (net.units / width) + Math.floor(u / width);
            packed[(vector * padded + pixel) * width + (u % width)] =
              values[(pixel * outputs + f) * net.units + u];
          }
        }
      }
      return packed;
    },
  };
}

function weightWidth(units: number): 1 | 2 | 4 {
  if (units % 4 === 0) return 4;
  return units % 2 === 0 ? 2 : 1;
}

/** Bindings: x, filters, conv bias, dense weights (packed), dense bias, y[n, units]. */
export function convPoolDense(
  dtype: KernelDType,
  net: ConvPoolDense,
  plan: ConvPoolDensePlan,
): Kernel {
  const { imagesPerThread, laneGroup, groups } = plan;
  const threads = laneGroup * groups;
  const batch = net.x[0];
  const width = weightWidth(net.units);
  const weightType = width === 1 ? dtype : `vec${width}<${dtype}>`;
  const launch = foldedLaunch(Math.ceil(batch / (imagesPerThread * groups)));
  const images = range(imagesPerThread);
  const outputs = net.filters[3];
  const taps = net.filters[0] * net.filters[1] * net.filters[2];
  const vectors = vectorsPerFilter(net);
  const pixels = net.pooled[1] * net.pooled[2];
  const padded = paddedTo(pixels, laneGroup);
  const imagesPerGroup = groups * imagesPerThread;
  return {
    name: `conv_pool_dense.wgsl ${imagesPerThread} images per thread${net.softmax ? ' + softmax' : ''}`,
    workgroups: launch.workgroups,
    packings: new Map([[3, packDense(net, laneGroup)]]),
    wgsl: `${enables(dtype)}${storageBuffers([
      { name: 'x', type: dtype, access: 'read' },
      { name: 'filters', type: dtype, access: 'read' },
      { name: 'convBias', type: dtype, access: 'read' },
      { name: 'weights', type: weightType, access: 'read' },
      { name: 'denseBias', type: dtype, access: 'read' },
      { name: 'y', type: dtype, access: 'read_write' },
    ])}
var<workgroup> taps: array<vec4f, ${outputs * vectors}>;
var<workgroup> partials: array<f32, ${net.units * (threads + 1)}>;
var<workgroup> logits: array<f32, ${imagesPerGroup * net.units}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  ${launch.guard}
  // A filter's taps, then its bias, padded to whole vectors.
  for (var i = lane; i < ${outputs * (taps + 1)}u; i += ${threads}u) {
    let f = i % ${outputs}u;
    let tap = i / ${outputs}u;
    var value = 0.0f;
    if (tap < ${taps}u) { value = f32(filters[i]); } else { value = f32(convBias[f]); }
    taps[f * ${vectors}u + tap / 4u][tap % 4u] = value;
  }
  workgroupBarrier();

  let group = lane / ${laneGroup}u;
  let firstImage = ${launch.index} * ${imagesPerGroup}u + group * ${imagesPerThread}u;
${images.map((i) => `  let image${i} = min(firstImage + ${i}u, ${batch - 1}u) * ${net.x[1] * net.x[2] * net.x[3]}u;`).join('\n')}
${images.flatMap((i) => range(net.units).map((u) => `  var sum${i}_${u} = 0.0f;`)).join('\n')}
  for (var pixel = lane % ${laneGroup}u; pixel < ${padded}u; pixel += ${laneGroup}u) {
    let inside = min(pixel, ${pixels - 1}u);
    let y0 = i32(inside / ${net.pooled[2]}u * ${net.pool.strides[0] * net.conv.strides[0]}u);
    let x0 = i32(inside % ${net.pooled[2]}u * ${net.pool.strides[1] * net.conv.strides[1]}u);
${loadPatches(net, images)}
    for (var f = 0u; f < ${outputs}u; f++) {
${range(vectors)
  .map((v) => `      let t${v} = taps[f * ${vectors}u + ${v}u];`)
  .join('\n')}
${range(net.units / width)
  .map(
    (q) =>
      `      let w${q} = ${width === 1 ? 'f32' : `vec${width}f`}(weights[(f * ${net.units / width}u + ${q}u) * ${padded}u + pixel]);`,
  )
  .join('\n')}
${images.map((i) => convolveAndMultiply(net, i, width)).join('\n')}
    }
  }

${images.map((i) => addUp(net, plan, i)).join('\n')}
  if (lane >= ${imagesPerGroup}u) { return; }
  let image = ${launch.index} * ${imagesPerGroup}u + lane;
  if (image >= ${batch}u) { return; }
${finish(dtype, net)}
}
`,
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function loadPatches(net: ConvPoolDense, images: readonly number[]): string {
  const [height, width, channels] = net.x.slice(1);
  const [padY, padX] = paddingBefore(net.x, net.filters, net.conv);
  const patch = patchOf(net);
  const lines: string[] = [];
  const needsBounds = net.conv.padding === 'same';
  for (const r of range(patch.rows)) {
    for (const c of range(patch.columns)) {
      const [row, column] = [`(y0 + ${r - padY})`, `(x0 + ${c - padX})`];
      const inside = (position: string, extent: number): string =>
        needsBounds ? `min(u32(${position}), ${extent - 1}u)` : `u32(${position})`;
      const place = `${inside(row, height)} * ${width}u + ${inside(column, width)}`;
      lines.push(`    let at${r}_${c} = (${place}) * ${channels}u;`);
      if (needsBounds) {
        // A negative position is a large one when it is read without its sign.
        lines.push(
          `    let in${r}_${c} = (u32(${row}) < ${height}u) & (u32(${column}) < ${width}u);`,
        );
      }
      for (const d of range(channels)) {
        for (const i of images) {
          const value = `f32(x[image${i} + at${r}_${c} + ${d}u])`;
          const padded = needsBounds ? `select(0.0f, ${value}, in${r}_${c})` : value;
          lines.push(`    let x${i}_${r}_${c}_${d} = ${padded};`);
        }
      }
    }
  }
  return lines.join('\n');
}

/** One filter on one image: the convolution under the pool window, then the dense layer's products. */
function convolveAndMultiply(net: ConvPoolDense, image: number, width: number): string {
  const [kh, kw, channels] = net.filters;
  const vector = (index: number): string => `t${Math.floor(index / 4)}[${index % 4}]`;
  const values: string[] = [];
  const lines: string[] = [];
  for (const wy of range(net.pool.window[0])) {
    for (const wx of range(net.pool.window[1])) {
      const name = `v${image}_${wy}_${wx}`;
      let tap = 0;
      for (const ky of range(kh)) {
        for (const kx of range(kw)) {
          for (const c of range(channels)) {
            const row = wy * net.conv.strides[0] + ky;
            const column = wx * net.conv.strides[1] + kx;
            const x = `x${image}_${row}_${column}_${c}`;
            lines.push(
              tap === 0
                ? `      var ${name} = ${x} * ${vector(tap)};`
                : `      ${name} = fma(${x}, ${vector(tap)}, ${name});`,
            );
            tap++;
          }
        }
      }
      values.push(name);
    }
  }
  // Adding the bias and clamping at zero keep the order of values, so both may follow the maximum.
  const largest = values.reduce((a, b) => `max(${a}, ${b})`);
  const bias = vector(kh * kw * channels);
  lines.push(`      let m${image} = max(${largest} + ${bias}, 0.0f);`);
  for (const u of range(net.units)) {
    const weight = width === 1 ? `w${u}` : `w${Math.floor(u / width)}[${u % width}]`;
    const sum = `sum${image}_${u}`;
    lines.push(`      ${sum} = fma(m${image}, ${weight}, ${sum});`);
  }
  return lines.join('\n');
}

/** Adds a lane group's sums of one image, in the order of the lanes. */
function addUp(
  net: ConvPoolDense,
  { laneGroup, groups, imagesPerThread }: ConvPoolDensePlan,
  i: number,
) {
  const threads = laneGroup * groups;
  const stride = threads + 1;
  const { units } = net;
  return `${range(units)
    .map((u) => `  partials[${u * stride}u + lane] = sum${i}_${u};`)
    .join('\n')}
  workgroupBarrier();
  for (var j = lane; j < ${groups * units}u; j += ${threads}u) {
    let first = j % ${units}u * ${stride}u + j / ${units}u * ${laneGroup}u;
    var sum = 0.0f;
    for (var k = 0u; k < ${laneGroup}u; k++) { sum += partials[first + k]; }
    logits[(j / ${units}u * ${imagesPerThread}u + ${i}u) * ${units}u + j % ${units}u] = sum + f32(denseBias[j % ${units}u]);
  }
  workgroupBarrier();`;
}

function finish(dtype: KernelDType, { units, softmax }: ConvPoolDense): string {
  if (!softmax) {
    return `  for (var u = 0u; u < ${units}u; u++) { y[image * ${units}u + u] = ${dtype}(logits[lane * ${units}u + u]); }`;
  }
  return `  var largest = logits[lane * ${units}u];
  for (var u = 1u; u < ${units}u; u++) { largest = max(largest, logits[lane * ${units}u + u]); }
  var total = 0.0f;
  for (var u = 0u; u < ${units}u; u++) { total += exp(logits[lane * ${units}u + u] - largest); }
  for (var u = 0u; u < ${units}u; u++) {
    y[image * ${units}u + u] = ${dtype}(exp(logits[lane * ${units}u + u] - largest) / total);
  }`;
}

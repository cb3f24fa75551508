import type { Kernel, KernelDType } from './kernel.js';
import { type MatmulEpilogue, type MatmulShape, matmulName } from './matmul_spec.js';
import {
  elementType,
  fetchTile,
  storeTile,
  type TileSpec,
  tileDeclaration,
  tileRowVectors,
} from './tiling.js';
import { enables, f32Literal, foldedLaunch, storageBuffers } from './wgsl.js';

/** Rows and columns of C a workgroup computes, and its part of the inner axis at a time. */
export interface MatmulTile {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Rows and columns of one thread, each a multiple of 4. */
  readonly threadRows: number;
  readonly threadColumns: number;
}

const SHAPES = [
  { rows: 128, columns: 128, threadRows: 8, threadColumns: 8 },
  { rows: 64, columns: 64, threadRows: 4, threadColumns: 4 },
  { rows: 32, columns: 32, threadRows: 4, threadColumns: 4 },
] as const;

/** Workgroups below which a smaller tile is used, so that every core of the GPU has work. */
const ENOUGH_WORKGROUPS = 128;

/**
 * The largest tile that still gives work to the whole device. A tile that is filled across its rows
 * is shallower, since such writes meet in the banks of the memory. A second tile to fill ahead does
 * not pay: the memory that it takes keeps another workgroup from running while the first one waits
 * (on an H200, 34 and 42 against 47 and 50 TFLOP/s without and with A transposed).
 */
export function chooseTile({ m, n, transposeA, transposeB }: MatmulShape): MatmulTile {
  const groups = (tile: (typeof SHAPES)[number]): number =>
    Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns);
  const shape = SHAPES.find((tile) => groups(tile) >= ENOUGH_WORKGROUPS) ?? SHAPES[2];
  const acrossRows = !transposeA || transposeB;
  return { ...shape, depth: acrossRows ? 8 : 16 };
}

/**
 * C = op(A) op(B), tiled in workgroup memory and again in registers; any shape. While a tile is
 * multiplied, the next one is already on its way to registers.
 * Bindings: a, b, bias (where the epilogue has one), c.
 */
export function matmul(
  dtype: KernelDType,
  shape: MatmulShape,
  epilogue: MatmulEpilogue,
  tile: MatmulTile = chooseTile(shape),
): Kernel {
  const { m, n, k } = shape;
  const threads = (tile.rows / tile.threadRows) * (tile.columns / tile.threadColumns);
  const common = { dtype, depthExtent: k, depth: tile.depth, threads };
  const a: TileSpec = {
    ...common,
    name: 'a',
    spanExtent: m,
    span: tile.rows,
    contiguousDepth: !shape.transposeA,
  };
  const b: TileSpec = {
    ...common,
    name: 'b',
    spanExtent: n,
    span: tile.columns,
    contiguousDepth: shape.transposeB,
  };
  const groupColumns = Math.ceil(n / tile.columns);
  const launch = foldedLaunch(Math.ceil(m / tile.rows) * groupColumns);
  const type = n % 4 === 0 ? `vec4<${dtype}>` : dtype;
  const file = `matmul.wgsl ${tile.rows}x${tile.columns}`;
  return {
    name: matmulName(file, shape, epilogue),
    workgroups: launch.workgroups,
    wgsl: `${enables(dtype)}${storageBuffers([
      { name: 'a', type: elementType(a), access: 'read' },
      { name: 'b', type: elementType(b), access: 'read' },
      ...(epilogue.bias ? [{ name: 'bias', type, access: 'read' } as const] : []),
      { name: 'c', type, access: 'read_write' },
    ])}
${tileDeclaration(a)}
${tileDeclaration(b)}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  ${launch.guard}
  let group = ${launch.index};
  let row0 = group / ${groupColumns}u * ${tile.rows}u;
  let column0 = group % ${groupColumns}u * ${tile.columns}u;
${threadPlace(tile)}
${accumulators(tile)}
  var p0 = 0u;
${fetchTile(a, 'row0', true)}
${fetchTile(b, 'column0', true)}
${innerLoop(a, b, tile, k)}
${writeBack(dtype, shape, epilogue, tile)}
}
`,
  };
}

function rowsOf({ threadRows }: MatmulTile): number[] {
  return Array.from({ length: threadRows }, (_, r) => r);
}

function columnVectorsOf({ threadColumns }: MatmulTile): number[] {
  return Array.from({ length: threadColumns / 4 }, (_, v) => v);
}

function accumulators(tile: MatmulTile): string {
  return rowsOf(tile)
    .map(
      (r) =>
        `  ${columnVectorsOf(tile)
          .map((v) => `var sum${r}_${v} = vec4f();`)
          .join(' ')}`,
    )
    .join('\n');
}

function innerLoop(a: TileSpec, b: TileSpec, tile: MatmulTile, k: number): string {
  return `  loop {
${storeTile(a)}
${storeTile(b)}
    workgroupBarrier();
    p0 += ${tile.depth}u;
    let more = p0 < ${k}u;
    if (more) {
${fetchTile(a, 'row0', false)}
${fetchTile(b, 'column0', false)}
    }
${multiply(a, b, tile)}
    if (!more) { break; }
    workgroupBarrier();
  }`;
}

/**
 * Where the thread lies among the threads of the workgroup. Blocks of 8 by 4 threads are what a
 * subgroup of 32 covers: together they read the fewest different vectors of both tiles.
 */
function threadPlace(tile: MatmulTile): string {
  const blocksAcross = tile.columns / tile.threadColumns / 4;
  return `  let block = lane / 32u;
  let threadRow = block / ${blocksAcross}u * 8u + lane % 32u / 4u;
  let threadColumn = block % ${blocksAcross}u * 4u + lane % 4u;`;
}

/**
 * A thread's rows and columns lie in groups of four, a group's stride apart, so that neighbouring
 * threads read neighbouring vectors of the tile. Every step of the inner axis is written out, and
 * reads its operands one step ahead.
 */
function multiply(a: TileSpec, b: TileSpec, tile: MatmulTile): string {
  const operands = [
    {
      spec: a,
      from: 'threadRow',
      vectors: tile.threadRows / 4,
      stride: tile.rows / tile.threadRows,
    },
    {
      spec: b,
      from: 'threadColumn',
      vectors: tile.threadColumns / 4,
      stride: tile.columns / tile.threadColumns,
    },
  ];
  const read = (p: number): string =>
    operands
      .flatMap(({ spec, from, vectors, stride }) =>
        Array.from({ length: vectors }, (_, v) => {
          const offset = p * tileRowVectors(spec) + v * stride;
          return `let ${spec.name}${p}_${v} = ${spec.name}Tile[${from} + ${offset}u];`;
        }),
      )
      .join(' ');
  const products = (p: number): string =>
    rowsOf(tile)
      .map((r) =>
        columnVectorsOf(tile)
          .map((v) => {
            const sum = `sum${r}_${v}`;
            return `${sum} += a${p}_${Math.floor(r / 4)}[${r % 4}] * b${p}_${v};`;
          })
          .join(' '),
      )
      .join('\n      ');
  const steps = Array.from({ length: tile.depth }, (_, p) => {
    const ahead = p + 1 < tile.depth ? `${read(p + 1)}\n      ` : '';
    return `      ${ahead}${products(p)}`;
  });
  return `    {
      ${read(0)}
${steps.join('\n')}
    }`;
}

function writeBack(
  dtype: KernelDType,
  { m, n }: MatmulShape,
  { bias, finish, learningRate = 0 }: MatmulEpilogue,
  tile: MatmulTile,
): string {
  const rowStride = tile.rows / tile.threadRows;
  const columnStride = tile.columns / tile.threadColumns;
  const vectors = n % 4 === 0;
  const result = (sum: string, index: string, cast: string): string => {
    const zero = cast.startsWith('vec4') ? 'vec4f()' : '0.0f';
    const wide = cast.startsWith('vec4') ? 'vec4f' : 'f32';
    if (finish === 'sgd') {
      return `c[${index}] = ${cast}(${wide}(c[${index}]) - ${f32Literal(learningRate)} * ${sum});`;
    }
    return `c[${index}] = ${cast}(${finish === 'relu' ? `max(${sum}, ${zero})` : sum});`;
  };
  const store = (r: number, v: number): string => {
    const sum = `sum${r}_${v}`;
    const row = `row0 + threadRow * 4u + ${Math.floor(r / 4) * rowStride * 4 + (r % 4)}u`;
    const column = `(column0 + threadColumn * 4u + ${v * columnStride * 4}u)`;
    const rowGuard = m % tile.rows === 0 ? [] : [`${row} < ${m}u`];
    if (vectors) {
      const guards = [...rowGuard, ...(n % tile.columns === 0 ? [] : [`${column} < ${n}u`])];
      const value = bias ? `(${sum} + vec4f(bias[${column} / 4u]))` : sum;
      const write = result(value, `(${row}) * ${n / 4}u + ${column} / 4u`, `vec4<${dtype}>`);
      return guards.length > 0 ? `  if (${guards.join(' && ')}) { ${write} }` : `  ${write}`;
    }
    return [0, 1, 2, 3]
      .map((i) => {
        const guards = [...rowGuard, `${column} + ${i}u < ${n}u`];
        const value = bias ? `(${sum}[${i}] + f32(bias[${column} + ${i}u]))` : `${sum}[${i}]`;
        const write = result(value, `(${row}) * ${n}u + ${column} + ${i}u`, dtype);
        return `  if (${guards.join(' && ')}) { ${write} }`;
      })
      .join('\n');
  };
  return rowsOf(tile)
    .flatMap((r) => columnVectorsOf(tile).map((v) => store(r, v)))
    .join('\n');
}

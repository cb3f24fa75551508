/**
 * Tiles of matrices in workgroup memory, for matmul. A tile covers `span` rows or columns of the
 * product and `depth` steps of the inner axis; it is kept as [depth][span], so that each thread reads
 * whole vectors of the span whatever the matrix's own layout.
 */
import type { KernelDType } from './kernel.js';

export interface TileSpec {
  /** Name of the storage buffer, and of the tile with `Tile` appended. */
  readonly name: string;
  readonly dtype: KernelDType;
  /** Extents of the matrix along the span and along the inner axis. */
  readonly spanExtent: number;
  readonly depthExtent: number;
  /** Whether neighbours in memory are neighbours on the inner axis. */
  readonly contiguousDepth: boolean;
  readonly span: number;
  readonly depth: number;
  readonly threads: number;
}

/** Whether the matrix can be read as vectors: then its buffer is an array of vec4. */
export function isVectorised({ contiguousDepth, spanExtent, depthExtent }: TileSpec): boolean {
  return (contiguousDepth ? depthExtent : spanExtent) % 4 === 0;
}

/** WGSL element type of the matrix's buffer. */
export function elementType(spec: TileSpec): string {
  return isVectorised(spec) ? `vec4<${spec.dtype}>` : spec.dtype;
}

/**
 * Vectors in a row of the tile. A tile that is filled across its rows gets a vector of padding, which
 * spreads those writes over the banks of the memory.
 */
export function tileRowVectors({ contiguousDepth, span }: TileSpec): number {
  return span / 4 + (contiguousDepth ? 1 : 0);
}

export function tileDeclaration(spec: TileSpec): string {
  const vectors = spec.depth * tileRowVectors(spec);
  return `var<workgroup> ${spec.name}Tile: array<vec4f, ${vectors}>;`;
}

/** Vectors that each thread moves per tile. */
function vectorsPerThread({ span, depth, threads }: TileSpec): number {
  return Math.ceil((span * depth) / 4 / threads);
}

/**
 * Statements that fetch the thread's part of the tile at inner position `p0` into variables. Elements
 * outside the matrix are zero.
 * @param origin WGSL expression of the tile's first row or column of the product
 */
export function fetchTile(spec: TileSpec, origin: string, declare: boolean): string {
  return eachVector(spec, (v, across, along) => {
    const [row, column] = [along, across];
    const guards = [
      ...excessGuard(spec, v),
      ...(spec.spanExtent % spec.span === 0 ? [] : [spanGuard(spec, row, column, origin)]),
      ...(spec.depthExtent % spec.depth === 0 ? [] : [depthGuard(spec, row, column)]),
    ];
    const value = loadVector(spec, row, column, origin);
    const target = `${spec.name}Next${v}`;
    const keyword = declare ? 'var ' : '';
    if (guards.length === 0) return `${keyword}${target} = ${value};`;
    const start = declare ? `var ${target} = vec4f();` : `${target} = vec4f();`;
    return `${start} if (${guards.join(' && ')}) { ${target} = ${value}; }`;
  });
}

/** Statements that put the fetched vectors into the tile. */
export function storeTile(spec: TileSpec): string {
  const rowVectors = tileRowVectors(spec);
  return eachVector(spec, (v, across, along) => {
    const value = `${spec.name}Next${v}`;
    const stores = spec.contiguousDepth
      ? [0, 1, 2, 3].map(
          (i) =>
            `${spec.name}Tile[(${across} * 4u + ${i}u) * ${rowVectors}u + ${along} / 4u][${along} % 4u] = ${value}[${i}];`,
        )
      : [`${spec.name}Tile[${along} * ${rowVectors}u + ${across}] = ${value};`];
    const [guard] = excessGuard(spec, v);
    return guard ? `if (${guard}) { ${stores.join(' ')} }` : stores.join(' ');
  });
}

/** `across`: vector within a contiguous line of the tile; `along`: which line. */
function eachVector(
  spec: TileSpec,
  statement: (v: number, across: string, along: string) => string,
): string {
  const lineVectors = (spec.contiguousDepth ? spec.depth : spec.span) / 4;
  return Array.from({ length: vectorsPerThread(spec) }, (_, v) => {
    const item = v === 0 ? 'lane' : `(lane + ${v * spec.threads}u)`;
    return `  ${statement(v, `(${item} % ${lineVectors}u)`, `(${item} / ${lineVectors}u)`)}`;
  }).join('\n');
}

/** Keeps idle the threads that the last round of a small tile has no vector for. */
function excessGuard({ span, depth, threads }: TileSpec, v: number): string[] {
  const vectors = (span * depth) / 4;
  return (v + 1) * threads <= vectors ? [] : [`lane < ${vectors - v * threads}u`];
}

function spanGuard(spec: TileSpec, along: string, across: string, origin: string): string {
  const position = spec.contiguousDepth ? along : `${across} * 4u`;
  return `${origin} + ${position} < ${spec.spanExtent}u`;
}

function depthGuard(spec: TileSpec, along: string, across: string): string {
  const position = spec.contiguousDepth ? `${across} * 4u` : along;
  return `p0 + ${position} < ${spec.depthExtent}u`;
}

function loadVector(spec: TileSpec, along: string, across: string, origin: string): string {
  const { name, contiguousDepth, spanExtent, depthExtent } = spec;
  const lineExtent = contiguousDepth ? depthExtent : spanExtent;
  const line = contiguousDepth ? `(${origin} + ${along})` : `(p0 + ${along})`;
  const start = contiguousDepth ? 'p0' : origin;
  if (isVectorised(spec)) {
    return `vec4f(${name}[${line} * ${lineExtent / 4}u + ${start} / 4u + ${across}])`;
  }
  const first = `${start} + ${across} * 4u`;
  const elements = [0, 1, 2, 3].map((i) => {
    // The first element is inside, by the guards; the others are fetched from a place that exists.
    const column = `min(${first} + ${i}u, ${lineExtent - 1}u)`;
    const value = `f32(${name}[${line} * ${lineExtent}u + ${column}])`;
    return i === 0 ? value : `select(0.0f, ${value}, ${first} + ${i}u < ${lineExtent}u)`;
  });
  return `vec4f(${elements.join(', ')})`;
}

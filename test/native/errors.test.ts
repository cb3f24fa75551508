import { describe, expect, test } from 'vitest';
import { MpsbenchError } from '../../src/errors.js';
import type { Graph, Op, Shape, Tensor } from '../../src/graph/types.js';
import { builtEngines, cpu, expectSame, graphOf, openCpu, tensor } from './support/cpu.js';
import { addGraph, linearStep } from './support/graphs.js';

async function compileError(graph: Graph): Promise<MpsbenchError> {
  const device = await openCpu();
  const outcome = await device.compile(graph).catch((error: unknown) => error);
  if (!(outcome instanceof MpsbenchError)) throw new Error('the graph compiled');
  return outcome;
}

/** A graph with one thing changed. */
function changed(graph: Graph, change: { tensors?: Tensor[]; ops?: Op[]; outputs?: string[] }) {
  return { ...graph, ...change };
}

const add = addGraph(4, 'f32');
const [x, z, y] = add.tensors as [Tensor, Tensor, Tensor];
const [op] = add.ops as [Op];

describe('a graph that is not valid is refused with the reason', () => {
  const f32 = 'f32' as const;
  const shaped = (shape: Shape): Tensor => ({ ...y, shape });
  test.each<[string, Graph, RegExp]>([
    [
      'sizes that differ',
      graphOf({ kind: 'add' }, [[2], [3]], [2], f32),
      /add 'op' cannot take inputs of the shapes \[2\] and \[3\]/,
    ],
    [
      'an output of the wrong shape',
      changed(add, { tensors: [x, z, shaped([5])] }),
      /gives the shape \[4\], but its output 'y' has \[5\]/,
    ],
    [
      'a dimension of zero',
      changed(add, { tensors: [x, z, shaped([0])] }),
      /every dimension must be at least 1/,
    ],
    [
      'a fraction',
      changed(add, { tensors: [x, z, shaped([1.5])] }),
      /no whole number as dimension/,
    ],
    ['no dimension', changed(add, { tensors: [x, z, shaped([])] }), /has no dimensions/],
    [
      'a window larger than the image',
      graphOf(
        { kind: 'max_pool2d', window: [5, 5], strides: [1, 1] },
        [[1, 4, 4, 1]],
        [1, 1, 1, 1],
        f32,
      ),
      /gives the shape/,
    ],
    [
      'a stride of zero',
      graphOf(
        { kind: 'conv2d', strides: [0, 1], padding: 'valid' },
        [
          [1, 4, 4, 1],
          [2, 2, 1, 1],
        ],
        [1, 3, 3, 1],
        f32,
      ),
      /window or stride below 1/,
    ],
    [
      'an unknown tensor',
      changed(add, { ops: [{ ...op, inputs: ['x', 'nowhere'] } as Op] }),
      /has no tensor 'nowhere'/,
    ],
    [
      'two tensors of one name',
      changed(add, { tensors: [x, x, z, y] }),
      /two tensors are called 'x'/,
    ],
    ['two writers', changed(add, { ops: [op, { ...op, id: 'again' }] }), /two ops write 'y'/],
    ['a temp that nobody writes', changed(add, { ops: [] }), /no op writes 'y'/],
    [
      'a temp read before it is written',
      changed(add, { ops: [{ ...op, inputs: ['x', 'y'] } as Op] }),
      /reads 'y' before it is written/,
    ],
    [
      'an op that writes an input',
      changed(add, { ops: [op, { ...op, id: 'bad', output: 'x' } as Op] }),
      /which is not a temp/,
    ],
    [
      'mixed dtypes',
      changed(add, { tensors: [x, { ...z, dtype: 'f64' }, y] }),
      /mixes f64 and f32/,
    ],
    ['an input as output', changed(add, { outputs: ['x'] }), /its output 'x' is not a temp/],
    [
      'too few inputs',
      changed(add, { ops: [{ ...op, inputs: ['x'] } as unknown as Op] }),
      /has 1 inputs, and add takes 2/,
    ],
  ])('%s', async (_, graph, message) => {
    const error = await compileError(graph);
    expect(error.message).toMatch(message);
    expect(error.code).toBe('internal');
  });

  test('a state that is read after its update', async () => {
    const graph = linearStep({ rows: 2, features: 2, units: 2, learningRate: 1 }, 'f32');
    const error = await compileError({
      ...graph,
      tensors: [...graph.tensors, tensor('late', [2, 2], 'temp', 'f32')],
      ops: [...graph.ops, { id: 'late', kind: 'relu', inputs: ['w'], output: 'late' }],
    });
    expect(error.message).toMatch(/reads 'w' after its update/);
  });

  test('an op that this addon does not know', async () => {
    const error = await compileError(
      changed(add, { ops: [{ ...op, kind: 'fft' } as unknown as Op] }),
    );
    expect(error).toMatchObject({ code: 'unsupported', message: /does not know the op 'fft'/ });
  });
});

describe('memory', () => {
  test('a graph that does not fit says what it needs and what is free', async () => {
    const error = await compileError(addGraph(2 ** 42, 'f32'));
    expect(error.code).toBe('out_of_memory');
    expect(error.message).toMatch(/needs at least 16 TiB of memory, and [\d.]+ [KMGT]iB is free/);
    expect(error.advice).toMatch(/times smaller/);
  });

  test('a size that overflows is out of memory too', async () => {
    const shape = [2 ** 40, 2 ** 40];
    const error = await compileError(graphOf({ kind: 'add' }, [shape, shape], shape, 'f64'));
    expect(error.code).toBe('out_of_memory');
    expect(error.message).toContain('more bytes than a 64-bit machine can address');
  });

  test('the sum of tensors that each fit is checked', async () => {
    const free = (await openCpu()).info.memoryBytes ?? 0;
    expect((await compileError(addGraph(Math.floor(free / 10), 'f32'))).code).toBe('out_of_memory');
  });
});

describe('sizes beyond 32 bits', () => {
  test.skipIf(!builtEngines.includes('onednn'))(
    'oneDNN is not given such a dimension',
    async () => {
      const device = await openCpu({ engine: 'onednn' });
      const size = 2 ** 31;
      // The output alone needs 8 GiB: where the machine has them, oneDNN would be next.
      const graph = graphOf(
        { kind: 'matmul', transposeA: false, transposeB: false },
        [
          [1, 1],
          [1, size],
        ],
        [1, size],
        'f32',
      );
      await expect(device.compile(graph)).rejects.toMatchObject({
        code: expect.stringMatching(/^(unsupported|out_of_memory)$/),
        message: expect.stringMatching(/2147483648 is above 2\^31 - 1|needs at least/),
      });
    },
  );

  test('a stride beyond the image is never taken', async () => {
    const stride = 2 ** 33;
    for (const padding of ['valid', 'same'] as const) {
      await expectSame(
        await openCpu(),
        graphOf(
          { kind: 'conv2d', strides: [stride, 2 ** 31 - 1], padding },
          [
            [2, 5, 6, 3],
            [3, 3, 3, 4],
          ],
          [2, 1, 1, 4],
          'f32',
        ),
        { roundings: 64 },
      );
    }
  });
});

describe('calls', () => {
  const compiled = async () => (await openCpu()).compile(add);
  const internal = (message: RegExp) =>
    expect.objectContaining({ code: 'internal', message: expect.stringMatching(message) });

  test('a tensor that is not there', async () => {
    const executable = await compiled();
    expect(() => executable.write('q', new Float32Array(4))).toThrow(internal(/no tensor 'q'/));
    await expect(executable.read('q')).rejects.toThrow(internal(/no tensor 'q'/));
  });

  test('a tensor that cannot be written or read', async () => {
    const executable = await compiled();
    expect(() => executable.write('y', new Float32Array(4))).toThrow(internal(/computed by/));
    await expect(executable.read('x')).rejects.toThrow(internal(/neither an output nor a state/));
  });

  test('a wrong number of values', async () => {
    const executable = await compiled();
    expect(() => executable.write('x', new Float32Array(5))).toThrow(
      internal(/has 4 values, not 5/),
    );
    expect(() => executable.write('x', new Float64Array(0))).toThrow(
      internal(/has 4 values, not 0/),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])('%d iterations', async (iterations) => {
    const executable = await compiled();
    await expect(executable.run(iterations, 'latency')).rejects.toThrow(internal(/iteration/));
    await expect(executable.profile(iterations)).rejects.toThrow(internal(/iteration/));
  });

  test('an executable after dispose', async () => {
    const executable = await compiled();
    executable.dispose();
    executable.dispose();
    expect(() => executable.write('x', new Float32Array(4))).toThrow(internal(/after dispose/));
    await expect(executable.run(1, 'latency')).rejects.toThrow(internal(/after dispose/));
    await expect(executable.read('y')).rejects.toThrow(internal(/after dispose/));
    await expect(executable.profile(1)).rejects.toThrow(internal(/after dispose/));
  });

  test('a device after dispose; its executables live on', async () => {
    const device = await openCpu();
    const executable = await device.compile(add);
    device.dispose();
    device.dispose();
    expect(() => device.supports(op, 'f32')).toThrow(internal(/after dispose/));
    await expect(device.compile(add)).rejects.toThrow(internal(/after dispose/));
    executable.write('x', Float32Array.of(1, 2, 3, 4));
    executable.write('z', Float64Array.of(10, 20, 30, 40));
    await executable.run(1, 'throughput');
    expect(await executable.read('y')).toEqual(Float32Array.of(11, 22, 33, 44));
  });
});

describe('options', () => {
  test('an unknown engine names those of this build', async () => {
    await expect(cpu.devices({ engine: 'mkl' })).rejects.toMatchObject({
      code: 'usage',
      message: "This build has no CPU engine 'mkl'.",
      advice: expect.stringMatching(/Choose one of: .*reference/),
    });
  });

  test.each([0, -2, 100_000])('%d threads', async (threads) => {
    await expect(cpu.devices({ threads })).rejects.toMatchObject({ code: 'usage' });
  });

  test('threads are taken over', async () => {
    expect((await openCpu({ threads: 3 })).info.threads).toBe(3);
    expect((await openCpu({ engine: 'reference', threads: 3 })).info.threads).toBe(1);
  });
});

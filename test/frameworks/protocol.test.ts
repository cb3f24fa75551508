import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { GraphBuilder } from '../../src/graph/builder.js';
import type { Graph } from '../../src/graph/types.js';
import { DriverProcess } from './driver-process.js';
import { verify } from './driver-suite.js';

const { python, reason } = testPython('pytorch');

function addGraph(shape: readonly number[]): Graph {
  const g = new GraphBuilder('add', 'f32');
  return g.build([g.elementwise('op', 'add', g.input('a', shape), g.input('b', shape))]);
}

describe.skipIf(!python)(`requests that cannot be met${python ? '' : ` (${reason})`}`, () => {
  let driver: DriverProcess;

  beforeAll(async () => {
    driver = new DriverProcess(python ?? '', 'pytorch');
    await driver.open('cpu');
  }, 60_000);
  /** Whatever was requested, the driver can still be used. */
  afterEach(() => verify(driver, 'add', 'example', {}, 'eager', 'f32'));
  afterAll(() => driver?.end());

  it.each([
    ['no JSON', '{"id": 7, "method"', 'not JSON'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'), 'not JSON'],
    ['an id that is NaN', '{"id": NaN, "method": "close"}', 'not JSON'],
    ['deep nesting', '['.repeat(100_000), 'not JSON'],
    ['no object', '[1, 2]', 'must be an object'],
    ['no method', '{"id": 7}', 'no method'],
    ['an unknown method', '{"id": 7, "method": "__class__"}', 'no method'],
    ['a method that is no string', '{"id": 7, "method": ["run"]}', 'no method'],
  ])('%s', async (_, line, message) => {
    driver.send(line);
    const { error } = await driver.reply();
    expect(error).toMatchObject({ code: 'wrong_request' });
    expect(error?.message).toContain(message);
  });

  it('a request that is too long', async () => {
    driver.send(`{"id": 1, "method": "${'x'.repeat(65 * 2 ** 20)}"}`);
    expect((await driver.reply()).error).toMatchObject({ code: 'wrong_request' });
  });

  it.each([
    ['open', {}, 'wrong_request'],
    ['open', { device: { kind: 'cpu', index: -1 } }, 'wrong_request'],
    ['open', { device: { kind: 'cpu', index: 0 }, threads: 0 }, 'wrong_request'],
    ['open', { device: { kind: 'tpu', index: 0 } }, 'unsupported'],
    ['open', { device: { kind: 'cpu', index: 1 } }, 'unavailable'],
    ['open', { device: { kind: 'mps', index: 0 } }, 'unavailable'],
    ['open', { device: { kind: 'cuda', index: 99 } }, 'unavailable'],
    ['program', { name: 'quicksort', form: 'module' }, 'unsupported'],
  ])('%s %j', async (method, fields, code) => {
    expect(await driver.fail(method, fields)).toMatchObject({ code });
    await driver.open('cpu');
  });

  it.each([
    ['run', { iterations: 1, mode: 'fast' }],
    ['run', { iterations: 0, mode: 'latency' }],
    ['run', { iterations: 1.5, mode: 'latency' }],
    ['run', { iterations: true, mode: 'latency' }],
    ['profile', {}],
    ['write', { tensor: 'nothing', file: 'tensor' }],
    ['write', { tensor: 'a', file: '/nowhere/tensor' }],
    ['write', { tensor: 'op', file: 'tensor' }],
    ['read', { tensor: 'op' }],
    ['read', { tensor: 'op', file: 7 }],
    ['build', { graph: {}, mode: 'eager' }],
    ['build', { graph: addGraph([2]), mode: 'eager', folder: '/nowhere' }],
    ['build', { graph: addGraph([2]), folder: '/tmp' }],
  ])('%s %j', async (method, fields) => {
    await driver.build(addGraph([2]), 'eager');
    expect(await driver.fail(method, fields)).toMatchObject({ code: 'wrong_request' });
  });

  it('a mode that is not there', async () => {
    const error = await driver.fail('build', {
      graph: addGraph([2]),
      mode: 'warp',
      folder: driver.folder,
    });
    expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('eager') });
  });

  it('a file of the wrong size', async () => {
    await driver.build(addGraph([3]), 'eager');
    await expect(driver.write('a', new Float32Array(2))).rejects.toThrow('has 8 bytes');
  });

  it.each(['run', 'trace', 'profile', 'read', 'write'])('%s without a program', async (method) => {
    await driver.get('close');
    const fields = { iterations: 1, mode: 'latency', tensor: 'a', file: 'tensor' };
    expect(await driver.fail(method, fields)).toMatchObject({ code: 'wrong_request' });
  });

  const tensor = (id: string, role: string, more = {}) => ({
    id,
    role,
    shape: [2],
    dtype: 'f32',
    ...more,
  });
  const relu = { id: 'r', kind: 'relu', inputs: ['x'], output: 'y' };
  const good = {
    tensors: [tensor('x', 'input'), tensor('y', 'temp')],
    ops: [relu],
    outputs: ['y'],
  };
  it.each([
    ['no tensors', { ...good, tensors: [] }, 'wrong_request'],
    ['a tensor twice', { ...good, tensors: [...good.tensors, good.tensors[0]] }, 'wrong_request'],
    ['an unknown op', { ...good, ops: [{ ...relu, kind: 'fft' }] }, 'unsupported'],
    ['an op that is no kind', { ...good, ops: [{ ...relu, kind: null }] }, 'unsupported'],
    [
      'an unknown dtype',
      { ...good, tensors: [tensor('x', 'input', { dtype: 'i8' })] },
      'unsupported',
    ],
    [
      'an empty extent',
      { ...good, tensors: [tensor('x', 'input', { shape: [0] })] },
      'wrong_request',
    ],
    [
      'an extent of text',
      { ...good, tensors: [tensor('x', 'input', { shape: ['2'] })] },
      'wrong_request',
    ],
    ['an unknown role', { ...good, tensors: [tensor('x', 'ghost')] }, 'wrong_request'],
    ['a missing input', { ...good, ops: [{ ...relu, inputs: ['z'] }] }, 'wrong_request'],
    ['too many inputs', { ...good, ops: [{ ...relu, inputs: ['x', 'x'] }] }, 'wrong_request'],
    ['an op that writes an input', { ...good, ops: [{ ...relu, output: 'x' }] }, 'wrong_request'],
    ['a tensor that is written twice', { ...good, ops: [relu, relu] }, 'wrong_request'],
    ['an output that nobody writes', { ...good, ops: [] }, 'wrong_request'],
    ['an unknown output', { ...good, outputs: ['z'] }, 'wrong_request'],
    [
      'code instead of a shape',
      { ...good, ops: [{ ...relu, kind: 'max_pool2d', window: ['exit()', 1], strides: [1, 1] }] },
      'wrong_request',
    ],
  ])('a graph with %s', async (_, graph, code) => {
    const error = await driver.fail('build', { graph, mode: 'eager', folder: driver.folder });
    expect(error).toMatchObject({ code });
  });

  it("shapes that do not fit are the framework's to refuse", async () => {
    const tensors = [
      tensor('x', 'input'),
      tensor('z', 'input', { shape: [3] }),
      tensor('y', 'temp'),
    ];
    const graph = {
      tensors,
      ops: [{ id: 'r', kind: 'add', inputs: ['x', 'z'], output: 'y' }],
      outputs: ['y'],
    };
    const error = await driver.fail('build', { graph, mode: 'eager', folder: driver.folder });
    expect(error).toMatchObject({ code: 'failed', type: 'RuntimeError' });
    expect(error.traceback).toContain('RuntimeError');
  });

  it('more memory than there is', async () => {
    const graph = addGraph([2 ** 46]);
    const error = await driver.fail('build', { graph, mode: 'eager', folder: driver.folder });
    expect(error).toMatchObject({ code: 'out_of_memory' });
  });

  it('thousands of ops are fine', async () => {
    const g = new GraphBuilder('long', 'f32');
    let x = g.input('x', [4]);
    for (let i = 0; i < 3000; i++) x = g.elementwise(`op${i}`, 'add', x, x);
    const graph = g.build([x]);
    await driver.build(graph, 'eager');
    await driver.write('x', new Float32Array([0, 1, 2, 3]));
    await driver.get('run', { iterations: 1, mode: 'latency' });
    expect((await driver.read(graph, x))[0]).toBe(0);
  });

  it('NaN and infinity go in and come out as they are', async () => {
    const graph = addGraph([3]);
    await driver.build(graph, 'eager');
    await driver.write('a', new Float32Array([Number.NaN, Number.POSITIVE_INFINITY, 1]));
    await driver.write('b', new Float32Array([1, Number.NEGATIVE_INFINITY, -0]));
    await driver.get('run', { iterations: 1, mode: 'latency' });
    expect([...(await driver.read(graph, 'op'))]).toEqual([Number.NaN, Number.NaN, 1]);
  });
});

describe.skipIf(!python)('frameworks that misbehave', () => {
  let environment: string;

  /** A virtual environment whose torch is this source. */
  function fakeTorch(source: string): string {
    environment = mkdtempSync(join(tmpdir(), 'mpsbench-fake-torch-'));
    spawnSync(python ?? '', ['-m', 'venv', '--without-pip', environment]);
    const lib = join(environment, 'lib');
    const torch = join(lib, readdirSync(lib)[0], 'site-packages', 'torch');
    mkdirSync(torch, { recursive: true });
    writeFileSync(join(torch, '__init__.py'), source);
    return join(environment, 'bin', 'python');
  }

  let driver: DriverProcess;
  afterEach(async () => {
    await driver.end();
    rmSync(environment, { recursive: true, force: true });
  });

  it.each([
    ['ImportError', 'import a_module_that_nobody_has'],
    ['OSError', 'raise OSError("libcudart.so.12: cannot open shared object file")'],
    ['SystemExit', 'raise SystemExit(3)'],
    ['SyntaxError', 'def'],
  ])('%s at import is import_failed, and asking again says it again', async (_, source) => {
    driver = new DriverProcess(fakeTorch(source), 'pytorch');
    for (let i = 0; i < 2; i++) {
      const error = await driver.fail('describe');
      expect(error).toMatchObject({ code: 'import_failed' });
      expect(error.traceback).toContain('__init__.py');
    }
  });

  it('what a library prints lands on stderr, and what it reads is empty', async () => {
    const source = [
      'import os, sys',
      'print("from Python")',
      'os.write(1, b"{\\"id\\": 1, \\"ok\\": \\"forged\\"}\\n")',
      'os.system("echo from a child")',
      'print("read", repr(sys.stdin.read()))',
      'raise ImportError("that is all")',
    ];
    driver = new DriverProcess(fakeTorch(source.join('\n')), 'pytorch');
    expect(await driver.fail('describe')).toMatchObject({ code: 'import_failed' });
    for (const text of ['from Python', 'forged', 'from a child', "read ''"]) {
      expect(driver.stderr).toContain(text);
    }
  });

  it('a crash ends the process, as its exit says', async () => {
    driver = new DriverProcess(fakeTorch('import os; os.abort()'), 'pytorch');
    await expect(driver.get('describe')).rejects.toThrow('has ended');
    expect(await driver.ended).toBe('SIGABRT');
  });

  it('a user module with the name of one of ours is left alone, and harmless', async () => {
    const source = 'import protocol\nraise ImportError("found " + protocol.NAME)';
    const bin = fakeTorch(source);
    const lib = join(environment, 'lib');
    const site = join(lib, readdirSync(lib)[0], 'site-packages');
    writeFileSync(join(site, 'protocol.py'), 'NAME = "theirs"\n');
    driver = new DriverProcess(bin, 'pytorch');
    expect((await driver.fail('describe')).message).toContain('found theirs');
  });

  it('ends when its input ends', async () => {
    driver = new DriverProcess(fakeTorch('raise ImportError()'), 'pytorch');
    await driver.fail('describe');
    driver.closeInput();
    expect(await driver.ended).toBe(0);
  });

  it('refuses a framework that it does not know', async () => {
    driver = new DriverProcess(fakeTorch(''), 'caffe');
    expect(await driver.ended).toBe(64);
    expect(driver.stderr).toContain('usage');
  });
});

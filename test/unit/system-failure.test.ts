import { openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MpsbenchError } from '../../src/errors.js';
import { systemFailure } from '../../src/system-failure.js';

const failed = (properties: object) => Object.assign(new Error('it failed'), properties);

test.each([
  [
    { code: 'EMFILE', syscall: 'open', path: '/x' },
    2,
    /^Too many files are open.*\(EMFILE, open: \/x\)/,
    /ulimit -n/,
  ],
  [{ code: 'EAGAIN', syscall: 'spawn' }, 2, /no further process or thread/, /ulimit -u/],
  [{ code: 'ENOMEM', syscall: 'mmap' }, 2, /no memory left/, /ulimit -v/],
  [{ code: 'ENOSPC', syscall: 'write' }, 2, /No space is left/, /TMPDIR/],
  [
    { code: 'ENOENT', syscall: 'uv_cwd' },
    64,
    /working directory no longer exists/,
    /another folder/,
  ],
  [
    { code: 'ERR_ACCESS_DENIED', permission: 'ChildProcess', resource: '' },
    64,
    "Node's permission model does not let mpsbench start its worker processes.",
    /--allow-child-process/,
  ],
  [
    { code: 'ERR_ACCESS_DENIED', permission: 'FileSystemRead', resource: '/x' },
    64,
    /\(\/x\)/,
    /fs-read/,
  ],
])('%j is not an internal error', (properties, exitCode, message, advice) => {
  const error = MpsbenchError.from(failed(properties));
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toMatch(message);
  expect(error.advice).toMatch(advice);
});

test('memory that JavaScript does not get', () => {
  expect(systemFailure(new RangeError('Array buffer allocation failed'))).toMatchObject({
    code: 'out_of_memory',
  });
});

test('an internal error stays one', () => {
  const missing = () => openSync('/nowhere/x', 'r');
  expect(missing).toThrow();
  for (const thrown of [new TypeError('x'), failed({ code: 'ENOENT' }), 'text', null]) {
    expect(systemFailure(thrown)).toBeUndefined();
    expect(MpsbenchError.from(thrown).code).toBe('internal');
  }
});

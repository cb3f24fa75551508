import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkImports } from '../../../scripts/check/check-imports.mjs';

let src: string;
beforeEach(() => {
  src = mkdtempSync(join(tmpdir(), 'mpsbench-imports-'));
});
afterEach(() => rmSync(src, { recursive: true }));

function file(path: string, text: string) {
  mkdirSync(dirname(join(src, path)), { recursive: true });
  writeFileSync(join(src, path), text);
}

test('this repository keeps its rules', () => {
  expect(checkImports(fileURLToPath(new URL('../../../src', import.meta.url)))).toEqual([]);
});

test('measure must not import a backend, in any form of import', () => {
  file('measure/a.ts', "// one line\nimport { x } from '../backends/webgpu/x.js';\n");
  file('measure/b.ts', "export * from '../backends/webgpu/x.js';\n");
  file('measure/c.ts', "const x = await import('../backends/webgpu/x.js');\n");
  file('measure/d.ts', "import '../backends/webgpu/x.js';\n");
  file('measure/e.ts', "import {\n  y,\n  type Z,\n} from '../backends/webgpu/x.js';\n");
  const found = checkImports(src).sort();
  expect(found).toHaveLength(5);
  expect(found[0]).toBe(
    'src/measure/a.ts:2: imports backends/webgpu/x.ts: measure may import: host, graph, result, text, files',
  );
});

test('types keep to the rules too', () => {
  file('kernels/a.ts', "import type { DType } from '../result/dtypes.js';\n");
  file('report/b.ts', "import type { Plan } from '../runner/planner.js';\n");
  expect(checkImports(src)).toEqual([]);
  file('kernels/c.ts', "import type { Row } from '../report/table.js';\n");
  file('verify/d.ts', "import type { Table } from '../report/table.js';\n");
  expect(checkImports(src)).toHaveLength(2);
});

test('a backend never imports another backend', () => {
  file('backends/webgpu/a.ts', "import { x } from '../native/x.js';\n");
  file('backends/registry.ts', "import { x } from './native/x.js';\n");
  file('backends/native/b.ts', "import type { Device } from '../types.js';\n");
  expect(checkImports(src)).toEqual([
    'src/backends/webgpu/a.ts:1: imports backends/native/x.ts: a backend never imports another backend',
  ]);
});

test('nothing points back: not at the program, not from shared files, not out of src', () => {
  file('commands/a.ts', "import { main } from '../cli.js';\n");
  file('errors.ts', "import { x } from './graph/x.js';\n");
  file('graph/b.ts', "import { x } from '../../scripts/x.js';\n");
  file('graph/c.ts', "import { MpsbenchError } from '../errors.js';\n");
  file('novelty/d.ts', "import { x } from '../graph/x.js';\n");
  expect(checkImports(src).sort()).toEqual([
    'src/commands/a.ts:1: imports cli.ts: nothing imports the program',
    'src/errors.ts:1: imports graph/x.ts: a shared file is below every folder',
    'src/graph/b.ts:1: imports ../scripts/x.ts: leaves src/',
    'src/novelty/d.ts:1: imports graph/x.ts: no rule for src/novelty',
  ]);
});

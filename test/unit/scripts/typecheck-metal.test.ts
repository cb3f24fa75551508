import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(
  new URL('../../../scripts/check/typecheck-metal.mjs', import.meta.url),
);

/** Exit code and both outputs of the type check. */
function typecheck(files: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(process.execPath, [SCRIPT, ...files], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

it('says that it was skipped without an SDK', async () => {
  const { MACOS_SDK: _, ...env } = process.env;
  const { code, output } = await typecheck([], env);
  expect(code).toBe(0);
  expect(output).toContain('skipped');
});

it('rejects a folder that is not an SDK', async () => {
  const { code, output } = await typecheck([], { ...process.env, MACOS_SDK: tmpdir() });
  expect(code).toBe(1);
  expect(output).toContain('no Metal headers');
});

describe.skipIf(!process.env.MACOS_SDK)('against the SDK of MACOS_SDK', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mpsbench-typecheck-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function planted(statement: string): string {
    const file = join(folder, 'planted.mm');
    const text = `#import <Metal/Metal.h>
#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>
void planted(id<MTLDevice> device, MPSGraphCompilationDescriptor* descriptor);
void planted(id<MTLDevice> device, MPSGraphCompilationDescriptor* descriptor) {
  [descriptor setOptimizationLevel:MPSGraphOptimizationLevel0];
  (void)[device name];
  ${statement}
}
`;
    writeFileSync(file, text);
    return file;
  }

  it('finds every source clean', async () => {
    const { code, output } = await typecheck([], process.env);
    expect(output).toMatch(/^(\d+) of \1 files are clean/m);
    expect(code).toBe(0);
  }, 300_000);

  it('finds a file without a mistake clean', async () => {
    expect(await typecheck([planted('')], process.env)).toMatchObject({ code: 0 });
  });

  it.each([
    ['a misspelled selector', '[descriptor setOptimisationLevel:MPSGraphOptimizationLevel0];'],
    ['a wrong argument', '[device newBufferWithLength:@16 options:MTLResourceStorageModeShared];'],
    ['a wrong type', 'id<MTLBuffer> buffer = [device newCommandQueue]; (void)buffer;'],
    ['a method that the protocol lacks', '[device commit];'],
    ['an unused value', 'int unused = 0;'],
  ])('catches %s', async (_, statement) => {
    const { code, output } = await typecheck([planted(statement)], process.env);
    expect(output).toContain('planted.mm:7:');
    expect(code).toBe(1);
  });

  it('catches an API of a newer macOS without @available', async () => {
    // Declared here: an SDK has nothing newer than itself.
    const use = 'extern void younger(void) API_AVAILABLE(macos(14.0)); younger();';
    const guarded = `if (@available(macOS 14.0, *)) { ${use} }`;
    expect(await typecheck([planted(use)], process.env)).toMatchObject({ code: 1 });
    expect(await typecheck([planted(guarded)], process.env)).toMatchObject({ code: 0 });
  });
});

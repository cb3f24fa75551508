import { describe, expect, it } from 'vitest';
import { DAWN_FLAGS, loadDawn } from '../../src/backends/webgpu/dawn.js';
import { lower } from '../../src/backends/webgpu/lowering.js';
import { GraphBuilder } from '../../src/graph/builder.js';
import { expectMatches, skipReason, useDevice } from './harness.js';
import { OP_CASES } from './op-cases.js';

/** Held, since Dawn's instances are not to be collected while another one works. */
let nullBackend: GPU | undefined;

describe.skipIf(skipReason)(`ops on a device${skipReason ? ` (${skipReason})` : ''}`, () => {
  const use = useDevice();

  it.each(OP_CASES)('%s in f32', async (_, graph) => {
    await expectMatches(use.device, graph('f32'));
  });

  it('every op in f16, if the device supports it', async ({ skip }) => {
    if (!use.dtypes.includes('f16')) skip('the device lacks shader-f16');
    for (const [, graph] of OP_CASES) await expectMatches(use.device, graph('f16'));
  });

  it('every op has valid f16 source, even if the device lacks f16', async () => {
    // Dawn's null backend has every feature and runs nothing: it only checks the source.
    nullBackend = (await loadDawn()).create([...DAWN_FLAGS, 'backend=null']);
    const adapter = await nullBackend.requestAdapter();
    const device = await adapter?.requestDevice({ requiredFeatures: ['shader-f16'] });
    if (!device) expect.fail('the null backend has no device');
    const limits = { maxInvocations: 256, maxStorageBytes: 16_384 };
    for (const [name, graph] of OP_CASES) {
      for (const { dispatches } of lower(graph('f16'), limits).steps) {
        for (const { kernel } of dispatches) {
          const module = device.createShaderModule({ code: kernel.wgsl });
          const { messages } = await module.getCompilationInfo();
          expect(
            messages.map(({ message }) => message),
            name,
          ).toEqual([]);
        }
      }
    }
    device.destroy();
  });

  it('handles more elements than one launch dimension has workgroups', async () => {
    const rows = 65_535 + 7;
    const g = new GraphBuilder('long', 'f32');
    const [x, w] = [g.input('x', [rows, 3]), g.weight('w', [3, 2])];
    expect(await expectMatches(use.device, g.build([g.matmul('op', x, w)]))).toEqual([
      'matmul_rows.wgsl nn',
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { DriverProcess } from './driver-process.js';
import { verify } from './driver-suite.js';

/** The programs of the article as people write them. */
describe.each([
  ['tensorflow', 'keras', 'function'],
  ['pytorch', 'module', 'eager'],
] as const)('programs in %s', (framework, written, mode) => {
  const { python } = testPython(framework);

  describe.skipIf(!python)('on the CPU', () => {
    let driver: DriverProcess;

    beforeAll(async () => {
      driver = new DriverProcess(python ?? '', framework);
      await driver.open('cpu');
    }, 180_000);
    afterAll(() => driver?.end());

    const names = ({ phases }: { phases: { name: string }[] }) => phases.map(({ name }) => name);

    it('adds', async () => {
      const reply = await driver.get('program', { name: 'add', form: 'function' });
      expect(reply.outputs).toEqual({
        c: [
          [6, 8],
          [10, 12],
        ],
      });
      expect(names(reply)).toEqual(['first call', 'call']);
      expect(reply.wallNs).toBeGreaterThan(0);
    });

    const forms = framework === 'tensorflow' ? [written, 'function'] : [written];
    it.each(forms)(
      'learns y = 2x in 100 epochs (%s)',
      async (form) => {
        const reply = await driver.get('program', { name: 'linear', form });
        expect(reply.outputs.predictions[0][0]).toBeGreaterThan(8.5);
        expect(reply.outputs.predictions[0][0]).toBeLessThan(11.5);
        expect(reply.outputs.loss[0]).toBeLessThan(1);
        expect(names(reply)).toEqual(['build', 'fit', 'predict', 'epoch']);
        expect(reply.wallNs).toBe(reply.phases[1].ns);
      },
      400_000,
    );

    it.each(forms)('classifies one image (%s)', async (form) => {
      const reply = await driver.get('program', { name: 'cnn', form });
      expect(reply.outputs.shape).toEqual([1, 10]);
      expect(reply.outputs.rowSums[0]).toBeCloseTo(1, 5);
      expect(names(reply)).toEqual(['build', 'first call', 'call']);
    });

    it('leaves the driver as it was', async () => {
      const error = await driver.fail('program', { name: 'linear', form: 'assembly' });
      expect(error).toMatchObject({ code: 'unsupported' });
      await verify(driver, 'linear', 'example', {}, mode, 'f32');
    });
  });
});

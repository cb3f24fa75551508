import { jaxResult } from './answer.js';
import { findWrongMatmul } from './examples.js';
import { frameworkProbe } from './framework.js';
import { placementOf } from './placement.js';

/** JAX: its devices, the default backend, and two functions that it compiles. */
export const jaxProbe = frameworkProbe({
  id: 'jax',
  title: 'JAX',
  module: 'jax',
  sources: ['https://docs.jax.dev/en/latest/installation.html'],
  result: jaxResult,
  report({ version, importSeconds, devices, backend, outputs, matmul, placements }) {
    const wrong = findWrongMatmul(matmul);
    const first = devices[0];
    const device = first?.name ?? backend;
    return {
      version,
      device: first?.hardware ? `${device} (${first.hardware})` : device,
      usesGpu: backend !== 'cpu',
      outputs,
      wrong: wrong ? [wrong] : [],
      placement: placementOf(
        placements.map((row) => ({ ...row, kernel: `XLA ${row.kind}` })),
        device,
      ),
      details: {
        backend,
        devices: devices.map(({ name }) => name).join(', '),
        importSeconds,
      },
    };
  },
});

import { mlxResult } from './answer.js';
import { findWrongMatmul } from './examples.js';
import { frameworkProbe } from './framework.js';

/** MLX: its default device, and two arrays that it evaluates there. */
export const mlxProbe = frameworkProbe({
  id: 'mlx',
  title: 'MLX',
  module: 'mlx.core',
  sources: ['https://ml-explore.github.io/mlx/build/html/usage/using_streams.html'],
  result: mlxResult,
  report({ version, importSeconds, device, metal, outputs, matmul }) {
    const wrong = findWrongMatmul(matmul);
    return {
      version,
      device,
      usesGpu: device === 'gpu',
      outputs,
      wrong: wrong ? [wrong] : [],
      // MLX names no device for what it has computed: nothing but the request could be shown.
      placement: [],
      details: { device, metal, importSeconds },
      ...(metal ? {} : { whyNoGpu: 'MLX finds no Metal device' }),
    };
  },
});

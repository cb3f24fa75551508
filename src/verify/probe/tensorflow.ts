import { tensorflowResult } from './answer.js';
import { frameworkProbe } from './framework.js';
import { parsePlacementLog } from './placement.js';

/** TensorFlow: `list_physical_devices` and its own log of where it places the examples' ops. */
export const tensorflowProbe = frameworkProbe({
  id: 'tensorflow',
  title: 'TensorFlow',
  module: 'tensorflow',
  sources: [
    'https://www.tensorflow.org/api_docs/python/tf/config/list_physical_devices',
    'https://www.tensorflow.org/guide/gpu#logging_device_placement',
  ],
  result: tensorflowResult,
  report({ version, importSeconds, devices, builtWithCuda, outputs }, { stderr }) {
    const gpu = devices.find(({ type }) => type === 'GPU');
    const device = gpu ? 'GPU:0' : 'CPU:0';
    return {
      version,
      device: gpu?.hardware ? `${device} (${gpu.hardware})` : device,
      usesGpu: gpu !== undefined,
      outputs,
      wrong: [],
      placement: parsePlacementLog(stderr, device),
      details: {
        devices: devices.map(({ name }) => name.replace('/physical_device:', '')).join(', '),
        builtWithCuda,
        importSeconds,
      },
    };
  },
});

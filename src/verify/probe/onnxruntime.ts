import { onnxruntimeResult } from './answer.js';
import { frameworkProbe } from './framework.js';

/** Azure's calls a service over the network, where a model asks for it. */
const CPU_PROVIDERS = new Set(['CPUExecutionProvider', 'AzureExecutionProvider']);

/** ONNX Runtime: its execution providers, and a model of one op on those that it takes. */
export const onnxruntimeProbe = frameworkProbe({
  id: 'onnxruntime',
  title: 'ONNX Runtime',
  module: 'onnxruntime',
  sources: ['https://onnxruntime.ai/docs/execution-providers/'],
  result: onnxruntimeResult,
  report({ version, importSeconds, providers, used, outputs }) {
    const accelerator = used.find((provider) => !CPU_PROVIDERS.has(provider));
    return {
      version,
      device: accelerator ?? 'CPUExecutionProvider',
      usesGpu: accelerator !== undefined,
      // Ops that it does not take go to the CPU, which is always registered too.
      isOnlyRegistered: accelerator !== undefined,
      outputs,
      wrong: [],
      // Which provider takes an op is only in its verbose log, whose form is not documented.
      placement: [],
      details: { providers: providers.join(', '), used: used.join(', '), importSeconds },
    };
  },
});

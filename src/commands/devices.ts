import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import type { OutputFlags } from '../result/outputs.js';
import type { Context } from './context.js';
import { present, requireOutputs } from './present.js';
import {
  engineOption,
  formatOptions,
  frameworksOption,
  pythonOption,
  threadsOption,
  timeoutOption,
} from './shared-options.js';

interface DevicesFlags extends OutputFlags {
  threads?: number;
  engine?: string;
  timeout: number;
  frameworks?: boolean;
  python?: string[];
}

/** `mpsbench devices`: every device of every backend, and why a backend is not available. */
export function registerDevices(program: Command, context: Context): void {
  const command = program
    .command('devices')
    .description('list the GPUs and the CPU, and why a backend is not available')
    .addHelpText('after', EXAMPLES);
  const options = [
    frameworksOption('also start the frameworks that are installed and list what they reach'),
    pythonOption('Python interpreter or environment to look for frameworks in'),
    threadsOption(),
    engineOption(),
    timeoutOption(),
  ];
  for (const option of [...formatOptions(), ...options]) {
    command.addOption(option);
  }
  command.action(async (flags: DevicesFlags) => {
    await requireOutputs(flags);
    const { listDevices } = await import('./devices/list-devices.js');
    const result = await listDevices(flags, context);
    context.exitCode = result.exitCode === EXIT.ok ? EXIT.ok : EXIT.unchecked;
    await present(result, flags, { signal: context.signal });
  });
}

const EXAMPLES = `
Examples:
  $ mpsbench devices               a table
  $ mpsbench devices --frameworks  what PyTorch, TensorFlow, JAX, MLX and ONNX Runtime reach, too
  $ mpsbench devices --json        for scripts
`;

/** The machine: errors and warnings, devices, backends, the host and the state that it is in. */
import { z } from 'zod';
import { NUMBER_FORMATS } from '../dtypes.js';
import { dtype, scalar } from './fields.js';

/** The nearest first, as `nvidia-smi topo -m` names them. */
export const PCIE_PATHS = ['PIX', 'PXB', 'PHB', 'NODE', 'SYS'] as const;

export const errorSchema = z.object({
  code: z.string().describe('stable error code'),
  message: z.string().describe('what happened'),
  advice: z.string().describe('what to do; may be empty'),
  rule: z.string().optional().describe('the rule of `verify` that knows this failure'),
});

export const warningSchema = z.object({
  name: z.string().describe('stable name of the warning'),
  message: z.string().describe('what was seen'),
  advice: z.string().describe('what to do'),
});

export const deviceSchema = z.object({
  id: z.string().describe('backend:index'),
  backend: z.string().describe('backend that reaches it'),
  name: z.string().describe('as its driver names it'),
  kind: z
    .enum(['gpu', 'integrated', 'software', 'cpu'])
    .describe(
      '`integrated` shares the memory of the host; `software` is a GPU interface on the CPU',
    ),
  vendor: z.string().optional().describe('maker of the hardware'),
  driver: z.string().optional().describe('driver and version'),
  api: z.string().optional().describe('interface that reaches it'),
  memoryBytes: z.number().optional().describe('memory of the device'),
  maxBufferBytes: z.number().optional().describe('largest single allocation'),
  maxTensorBytes: z.number().optional().describe('largest tensor it computes with'),
  dtypes: z.array(dtype).describe('element types it computes with'),
  engine: z.string().optional().describe('CPU: library that computes, with its version'),
  engines: z.array(z.string()).optional().describe('CPU: every engine that can be chosen'),
  threads: z.number().optional().describe('CPU: threads in use'),
  gpuCores: z.number().optional().describe('Apple GPUs: cores of the GPU'),
  gpuFamily: z.string().optional().describe('Metal: GPU families, as in `Apple9, Mac2, Metal3`'),
  tf32: z.boolean().optional().describe('opened with TF32 products (--tf32)'),
  uuid: z.string().optional().describe('NVIDIA: `GPU-...`, or `MIG-...` of an instance'),
  pciId: z.string().optional().describe('NVIDIA: domain, bus, device and function'),
  mig: z
    .object({
      parent: z.string().describe('UUID of the card; power and clocks are those of the card'),
      gpuInstance: z.number().optional().describe('ID of the GPU instance on the card'),
      computeInstance: z.number().optional().describe('ID of the compute instance in it'),
    })
    .optional()
    .describe('NVIDIA: for a MIG instance, the card that it is a part of'),
  visibleAs: z
    .string()
    .optional()
    .describe(
      'value of CUDA_VISIBLE_DEVICES with which a process reaches it; with MIG, each process reaches one device only',
    ),
  numaNode: z.number().optional().describe('NVIDIA: NUMA node that the card is attached to'),
  nearCpus: z
    .string()
    .optional()
    .describe('NVIDIA: CPUs of that node, as in `0-31,64-95`; its worker is pinned to them'),
  links: z
    .array(
      z.object({
        to: z.string().describe('device id'),
        pcie: z
          .enum(PCIE_PATHS)
          .optional()
          .describe('what data pass over PCIe, in the terms of `nvidia-smi topo -m`'),
        nvlinks: z.number().describe('NVLinks, direct or through switches'),
      }),
    )
    .optional()
    .describe('NVIDIA: what connects the card with the others'),
  framework: z
    .object({
      name: z.string().describe('`tensorflow`, `pytorch`, `jax`, `mlx` or `onnxruntime`'),
      version: z.string().describe('as the framework itself reports it'),
      mode: z.string().describe('how it runs the graph: `eager`, `compile`, `jit`, ...'),
      modes: z
        .array(z.string())
        .optional()
        .describe('every mode that this device has, for `pytorch:cuda+MODE`'),
      python: z.string().describe('interpreter that was started'),
      pythonVersion: z.string().optional().describe('of the interpreter'),
      environment: z
        .record(z.string(), z.string())
        .optional()
        .describe('environment variables that mpsbench set for it'),
      importSeconds: z.number().optional().describe('time to import the framework'),
    })
    .optional()
    .describe("for a framework's device: what was started"),
  deviceClock: z
    .object({
      source: z.string().describe('what its times come from'),
      resolutionNs: z
        .number()
        .optional()
        .describe('its resolution, if known or found from readings'),
    })
    .optional()
    .describe("the device's own clock"),
  peak: z
    .object({
      gbPerS: z.number().optional().describe('memory bandwidth, 10^9 bytes per second'),
      gflops: z
        .partialRecord(z.enum(NUMBER_FORMATS), z.number())
        .optional()
        .describe('by dtype, and of f32 products with TF32 factors, 10^9 FLOP/s'),
      source: z.string().describe('where the numbers come from'),
    })
    .optional()
    .describe('physical limits of the hardware'),
  details: z.record(z.string(), scalar).describe('further facts, by name'),
});

export const backendSchema = z.object({
  id: z.string().describe('name of the backend'),
  state: z.enum(['available', 'unavailable']).describe('whether it can start'),
  version: z.string().optional().describe('of what it is built on'),
  reason: z.string().optional().describe('why it is unavailable'),
  remedy: z.string().optional().describe('what to do'),
  rule: z.string().optional().describe('the rule of `verify` that knows the reason'),
});

export const hostSchema = z.object({
  name: z.string().optional().describe('name of the host on its network'),
  os: z.string().describe('operating system'),
  osBuild: z.string().optional().describe('build of the operating system, on macOS'),
  kernel: z.string().describe('version of its kernel'),
  arch: z.string().describe('architecture of the process'),
  model: z.string().optional().describe('model of the machine, on macOS (`Mac15,9`)'),
  cpu: z.string().describe('CPU model'),
  logicalCpus: z.number().describe('hardware threads'),
  cores: z
    .array(
      z.object({
        kind: z.string().describe('as the system names it'),
        count: z.number().describe('cores of this kind'),
      }),
    )
    .optional()
    .describe('kinds of cores, the fastest first, if the system distinguishes them'),
  memoryBytes: z.number().describe('memory of the host'),
  node: z.string().describe('version of Node.js'),
  virtualMachine: z.string().optional().describe('hypervisor, if one is detected'),
  container: z.string().optional().describe('kind of container, if one is detected'),
  cpuQuota: z.number().optional().describe('CPUs that the control group may use'),
  rosetta: z.boolean().optional().describe('Intel code, translated on Apple silicon'),
});

export const conditionsSchema = z.object({
  at: z.string().describe('ISO 8601'),
  load1: z.number().optional().describe('load average over one minute'),
  freeMemoryBytes: z.number().optional().describe('memory that is free'),
  powerSource: z.enum(['mains', 'battery', 'unknown']).describe('power source of the machine'),
  powerMode: z.string().optional().describe('governor, profile or low-power mode'),
  powerSaving: z
    .enum(['governor', 'mode'])
    .optional()
    .describe('what limits the clocks: the CPU governor, or a mode of the whole system'),
  thermal: z.string().optional().describe('thermal state, as the system names it'),
  thermalPressure: z
    .enum(['nominal', 'moderate', 'heavy', 'trapping', 'sleeping'])
    .optional()
    .describe('thermal pressure level of macOS; `nominal` also if it reports none'),
  throttleEvents: z.number().optional().describe('CPU thermal throttling events since boot'),
  speedLimit: z.number().optional().describe('share of full CPU speed the system allows'),
  cpuMhz: z.number().optional().describe('current clock, mean over the CPUs'),
});

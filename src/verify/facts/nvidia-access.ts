import { INSTALL_DRIVER } from './driver-fixes.js';
import type { Condition, Rule } from './types.js';

interface Framework {
  /** Prefix of the rule ids, and the topic. */
  readonly id: string;
  readonly topic: string;
  /** The fact that holds its version. */
  readonly fact: string;
  readonly name: string;
  /** The name of its check: `mpsbench verify --probe CHECK`. */
  readonly check: string;
  /** What makes it a build for NVIDIA GPUs. */
  readonly gpuBuild: Condition;
}

/** What keeps any framework from an NVIDIA GPU before its own build matters. */
export function accessRules({ id, topic, fact, name }: Framework): readonly Rule[] {
  const it = `${name} {${fact}}`;
  return [
    {
      id: `${id}-docker-desktop`,
      topic,
      when: { [fact]: 'present', 'docker-desktop': 'present' },
      effect: 'cpu-only',
      text: `${it} runs on the CPU: Docker Desktop gives containers no GPU, neither on a Mac nor on Linux.`,
      fixes: [{ text: 'Install it on the host itself, outside Docker, and run it there.' }],
      sources: ['docker-gpu'],
    },
    {
      id: `${id}-container`,
      topic,
      when: { [fact]: 'present', nvidia: 'container' },
      effect: 'cpu-only',
      text: `${it} runs on the CPU: this container has no access to the NVIDIA GPU (no libcuda.so.1).`,
      fixes: [
        {
          text: 'Start the container with the GPU (needs the NVIDIA Container Toolkit on the host).',
          command: 'docker run --gpus all IMAGE',
        },
      ],
      sources: ['nvidia-container'],
    },
    {
      id: `${id}-no-driver`,
      topic,
      when: { [fact]: 'present', nvidia: 'no-driver' },
      effect: 'cpu-only',
      text: `${it} runs on the CPU: no NVIDIA driver is loaded.`,
      fixes: [INSTALL_DRIVER],
      sources: ['nvidia-minor'],
    },
    {
      id: `${id}-no-libcuda`,
      topic,
      when: { [fact]: 'present', nvidia: 'no-library' },
      effect: 'cpu-only',
      text: `${it} runs on the CPU: the NVIDIA driver is loaded, but libcuda.so.1 was not found.`,
      fixes: [
        {
          text: 'Install the library that belongs to the driver (needs root).',
          command: 'sudo apt install libcuda1',
          root: true,
        },
      ],
      sources: ['nvidia-minor'],
    },
    {
      id: `${id}-old-compat-libcuda`,
      topic,
      when: { [fact]: 'present', 'compat-libcuda': 'older' },
      effect: 'fails',
      text: `LD_LIBRARY_PATH makes ${it} load libcuda {compat-version} from CUDA's compat folder, which is older than the driver {driver}: CUDA does not start.`,
      fixes: [
        {
          text: 'Remove the compat folder from LD_LIBRARY_PATH.',
          command:
            'export LD_LIBRARY_PATH=$(printf %s "$LD_LIBRARY_PATH" | tr : \'\\n\' | grep -v /compat | paste -sd:)',
        },
      ],
      sources: ['nvidia-forward', 'jax-issue-25822'],
    },
  ];
}

/** Last of a topic: there is no GPU that a framework could reach, or none that shows. */
export function noGpuRules({ id, topic, fact, name, check, gpuBuild }: Framework): readonly Rule[] {
  return [
    {
      id: `${id}-no-gpu-in-container`,
      topic,
      when: { [fact]: 'present', ...gpuBuild, gpu: 'none', container: 'present' },
      effect: 'unknown',
      text: `${name} {${fact}} is a build for CUDA, but this container shows no GPU: it runs on the CPU here.`,
      fixes: [
        {
          text: 'Where the host has an NVIDIA GPU, start the container with it.',
          command: 'docker run --gpus all IMAGE',
        },
      ],
      sources: ['nvidia-container'],
    },
    {
      id: `${id}-no-gpu`,
      topic,
      when: { [fact]: 'present', gpu: 'none' },
      effect: 'unknown',
      text: `${name} {${fact}} is installed, but no Apple or NVIDIA GPU was found on this machine.`,
      fixes: [{ text: 'Ask the framework itself.', command: `mpsbench verify --probe ${check}` }],
      sources: ['nvidia-compute-capability'],
    },
  ];
}

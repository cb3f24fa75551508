import type { Finding } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import type { Check, VerifyContext } from '../types.js';
import { hostOf } from './machine.js';
import { nvidiaOf } from './nvidia.js';

/** The nodes that CUDA programs open besides one for each GPU. */
const NVIDIA_SHARED = ['/dev/nvidiactl', '/dev/nvidia-uvm'];

/** Whether this user may open the GPU's device nodes. */
export const devicePermissions: Check = {
  id: 'system.device-permissions',
  group: 'system',
  title: "this user can access the GPU's device nodes",
  sources: [
    'https://docs.nvidia.com/cuda/cuda-installation-guide-linux/ (device node verification)',
    'https://docs.kernel.org/gpu/drm-uapi.html (render nodes)',
  ],
  applies: ({ platform }) => platform === 'linux',
  async run(context) {
    const nodes = await deviceNodes(context);
    const states = await Promise.all(
      nodes.map(async (path) => ({ path, state: await context.source.access(path) })),
    );
    const denied = states.filter(({ state }) => state === 'denied').map(({ path }) => path);
    const missing = await missingNodes(context, nodes);
    const findings = [
      ...(denied.length > 0 ? [deniedFinding(denied)] : []),
      ...(missing.length > 0 ? [await missingFinding(context, missing)] : []),
    ];
    if (findings.length > 0) return findings;
    return nodes.length > 0
      ? [finding(devicePermissions, 'pass', `can access ${nodes.join(', ')}`)]
      : [finding(devicePermissions, 'not-applicable', 'no GPU device nodes')];
  },
};

async function deviceNodes({ source }: VerifyContext): Promise<string[]> {
  const [dev, dri] = await Promise.all([source.list('/dev'), source.list('/dev/dri')]);
  return [
    ...dev.filter((name) => /^nvidia(\d+|ctl|-uvm)$/.test(name)).map((name) => `/dev/${name}`),
    ...dri.filter((name) => /^renderD\d+$/.test(name)).map((name) => `/dev/dri/${name}`),
  ].sort();
}

/** Nodes that a loaded driver should have. */
async function missingNodes(
  context: VerifyContext,
  nodes: readonly string[],
): Promise<readonly string[]> {
  const { module, wsl } = await nvidiaOf(context);
  if (!module || wsl) return [];
  const wanted = nodes.some((path) => /nvidia\d/.test(path))
    ? NVIDIA_SHARED
    : ['/dev/nvidia0', ...NVIDIA_SHARED];
  return wanted.filter((path) => !nodes.includes(path));
}

function deniedFinding(denied: readonly string[]): Finding {
  return finding(
    devicePermissions,
    'fail',
    `No permission for ${denied.join(', ')}: programs of this user cannot reach the GPU.`,
    {
      fixes: [
        fix(
          'Add yourself to the groups, then log in again.',
          'sudo usermod -aG render,video "$USER"',
        ),
      ],
    },
  );
}

async function missingFinding(
  context: VerifyContext,
  missing: readonly string[],
): Promise<Finding> {
  const { container } = await hostOf(context);
  return finding(
    devicePermissions,
    'fail',
    `The NVIDIA driver is loaded, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: CUDA finds no device.`,
    {
      fixes: container
        ? [fix('Pass the GPU to the container.', 'docker run --gpus all …')]
        : [fix('Create the device nodes.', 'sudo nvidia-modprobe -u -c=0')],
    },
  );
}

import { metalFamily } from '../../host/apple-chips.js';
import type { DeviceInfo, Finding, Host } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import { hostOf } from '../system/machine.js';
import { METAL_3_MACOS, macosOfDarwin } from '../system/macos.js';
import type { Check } from '../types.js';

const METAL_4_MACOS = 26;
/** Intel Macs: the GPUs that Apple lists for Metal 3. */
const METAL_3_CARDS = /Vega|RX [56]\d00|Pro W[56]|Pro 5[5-7]00|UHD Graphics 6[13]0|Iris Plus/i;

/** Metal's family, and whether Metal Performance Shaders' graphs run here. */
export const metal: Check = {
  id: 'devices.metal',
  group: 'devices',
  title: 'Metal family, Metal 3, and Metal Performance Shaders',
  sources: [
    'https://developer.apple.com/metal/feature-sets/',
    'https://developer.apple.com/documentation/metal/mtlgpufamily/metal3',
  ],
  applies: ({ platform }) => platform === 'darwin',
  async run(context) {
    const [host, { devices }] = await Promise.all([hostOf(context), context.discovery()]);
    const reached = devices.filter(({ backend }) => backend === 'metal');
    return reached.length > 0
      ? reached.map((device) => judgeDevice(device, host))
      : [judgeMachine(host)];
  },
};

/** What the Metal backend itself saw of the device. */
function judgeDevice({ id, name, gpuFamily }: DeviceInfo, host: Host): Finding {
  return verdict(host, name, gpuFamily ?? metalFamily(name), id);
}

function judgeMachine(host: Host): Finding {
  const family = metalFamily(host.cpu);
  if (family || host.arch === 'arm64') return verdict(host, host.cpu, family);
  return finding(metal, 'unchecked', `${host.cpu}: the GPU of this Mac is not known.`, {
    fixes: [fix('List the graphics cards.', 'system_profiler SPDisplaysDataType')],
  });
}

function verdict(
  { kernel, virtualMachine, rosetta }: Host,
  name: string,
  family: string | undefined,
  subject?: string,
): Finding {
  const parts = subject === undefined ? {} : { subject };
  const macos = macosOfDarwin(kernel);
  if (virtualMachine || /paravirtual/i.test(name)) {
    return finding(
      metal,
      'warning',
      `${name}: the Metal device of a virtual machine is paravirtual; its family is not that of the chip.`,
      { ...parts, fixes: [fix('Check that it computes correctly.', 'mpsbench verify compute')] },
    );
  }
  const appleSilicon = family !== undefined || /^Apple /.test(name);
  if (!appleSilicon && !METAL_3_CARDS.test(name)) {
    return finding(metal, 'warning', `${name}: not among the GPUs that Apple lists for Metal 3.`, {
      ...parts,
      fixes: [fix('Use the CPU, or a Mac with Apple silicon.')],
    });
  }
  if (macos !== undefined && macos < METAL_3_MACOS) {
    return finding(metal, 'fail', `${name}: Metal 3 needs macOS ${METAL_3_MACOS}.`, {
      ...parts,
      fixes: [fix('Update macOS.', 'softwareupdate --list')],
    });
  }
  const level = appleSilicon && (macos ?? 0) >= METAL_4_MACOS ? 'Metal 4' : 'Metal 3';
  const shaders = `Metal Performance Shaders${rosetta ? ' (also under Rosetta)' : ''}`;
  return finding(metal, 'pass', [name, family, level, shaders].filter(Boolean).join(', '), {
    ...parts,
    details: { metal: level, ...(family && { family }) },
  });
}

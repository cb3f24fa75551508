import type { DeviceInfo, Finding, Fix } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import { hostOf } from '../system/machine.js';
import { displayVendors } from '../system/nvidia.js';
import type { Check, VerifyContext } from '../types.js';
import { whyNotMeant } from './meant-for.js';

const PCI_VENDORS: Readonly<Record<string, string>> = {
  '0x10de': 'NVIDIA',
  '0x1002': 'AMD',
  '0x8086': 'Intel',
};

/** Every GPU that was reached; a software GPU is called by its name. */
export const gpus: Check = {
  id: 'devices.gpus',
  group: 'devices',
  title: 'a hardware GPU is reached; software GPUs are labelled',
  sources: [
    'https://www.w3.org/TR/webgpu/#dom-gpuadapterinfo-isfallbackadapter',
    'https://github.com/google/swiftshader',
  ],
  applies: () => true,
  async run(context) {
    const { devices } = await context.discovery();
    const found = devices.filter(({ kind }) => kind !== 'cpu');
    const hardware = found.filter(({ kind }) => kind !== 'software');
    return [
      ...found.map((device) =>
        device.kind === 'software' ? softwareFinding(device) : hardwareFinding(device),
      ),
      ...(hardware.length > 0 ? [] : [await noHardware(context)]),
    ];
  },
};

function hardwareFinding(device: DeviceInfo): Finding {
  const { id, name, kind, driver, api } = device;
  const words = [name, kind === 'integrated' ? 'integrated GPU' : 'GPU', driver, api];
  return finding(gpus, 'pass', words.filter(Boolean).join(', '), { subject: id });
}

function softwareFinding({ id, name }: DeviceInfo): Finding {
  return finding(
    gpus,
    'warning',
    `${name} is a software GPU: it runs on the CPU, and its speed says nothing about a real GPU.`,
    { subject: id, fixes: [fix('Require a hardware GPU.', 'mpsbench bench all --device gpu')] },
  );
}

/** A machine that shows a GPU, of which none is reached, is set up wrong; another has none. */
async function noHardware(context: VerifyContext): Promise<Finding> {
  const seen = await seenGpu(context);
  if (seen) {
    return finding(gpus, 'fail', `${seen}, but no backend reaches it.`, {
      fixes: [...(await remedies(context)), ...driverFixes(context.platform, seen)],
    });
  }
  return finding(gpus, 'unchecked', 'No hardware GPU was found, so GPU work cannot be checked.', {
    fixes: await remedies(context),
  });
}

async function seenGpu(context: VerifyContext): Promise<string | undefined> {
  if (context.platform === 'darwin') {
    const { cpu } = await hostOf(context);
    return /^Apple /.test(cpu) ? `${cpu} has a GPU` : undefined;
  }
  const vendors = (await displayVendors(context.source)).map((id) => PCI_VENDORS[id]);
  const known = [...new Set(vendors.filter((name) => name !== undefined))];
  return known.length > 0 ? `The PCI bus has a GPU of ${known.join(' and ')}` : undefined;
}

/** What reaches a GPU beside the backends' own remedies: its Vulkan driver. */
function driverFixes(platform: NodeJS.Platform, seen: string): Fix[] {
  if (platform !== 'linux') return [];
  return seen.includes('NVIDIA')
    ? [fix('Diagnose its driver.', 'mpsbench verify nvidia-driver device-permissions')]
    : [fix('Install its Vulkan driver.', 'sudo apt install mesa-vulkan-drivers libvulkan1')];
}

async function remedies(context: VerifyContext): Promise<Fix[]> {
  const { backends } = await context.discovery();
  const missing = backends.filter(
    ({ state, remedy, id }) => state === 'unavailable' && remedy && id !== 'cpu',
  );
  const lacks = await Promise.all(missing.map(({ id }) => whyNotMeant(id, context)));
  return missing
    .filter((_, i) => lacks[i] === undefined)
    .map(({ id, remedy = '' }) => fix(`${id}: ${remedy}`));
}

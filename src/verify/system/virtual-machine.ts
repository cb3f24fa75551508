import type { Finding } from '../../result/schema.js';
import { sourceText } from '../facts/sources.js';
import { finding, fix } from '../finding.js';
import type { Check, VerifyContext } from '../types.js';
import { hostOf } from './machine.js';

const GITHUB_RUNNER = 'https://github.com/actions/runner-images/issues/14380';

/** Virtual machines, whose GPU on macOS is a paravirtual one. */
export const virtualMachine: Check = {
  id: 'system.virtual-machine',
  group: 'system',
  title: 'virtual machine, container, and what they do to the GPU',
  sources: [
    'sysctl kern.hv_vmm_present; CPU brand "Apple M1 (Virtual)"; GPU name "Apple Paravirtual device"',
    'https://github.com/actions/runner-images/issues/9918',
    'https://github.com/actions/runner-images/issues/11899',
    GITHUB_RUNNER,
  ],
  applies: () => true,
  async run(context) {
    const { virtualMachine: hypervisor, container, cpu } = await hostOf(context);
    const virtual = hypervisor ?? (/\(Virtual\)/.test(cpu) ? 'macOS guest' : undefined);
    if (context.platform === 'darwin' && virtual) return [paravirtual(context, virtual)];
    if (/-(?:linuxkit|orbstack)/i.test(context.source.os.release)) return [dockerDesktop()];
    const where = [virtual && `virtual machine (${virtual})`, container && `in ${container}`];
    const text = where.filter(Boolean).join(', ');
    if (!text) return [finding(virtualMachine, 'pass', 'no virtual machine or container detected')];
    // Whether a GPU was passed through is what the checks of GPUs say.
    return [
      finding(virtualMachine, 'not-applicable', `${text}: sees only GPUs that are passed through`),
    ];
  },
};

/** The virtual machine in which Docker Desktop and OrbStack run containers has no GPU of the host. */
function dockerDesktop(): Finding {
  return finding(
    virtualMachine,
    'warning',
    'A container of Docker Desktop: it cannot reach the GPU of a Mac, nor that of a Linux host.',
    {
      fixes: [fix('Run GPU work on the host itself, outside Docker.')],
      sources: [sourceText('docker-gpu')],
    },
  );
}

function paravirtual({ source }: VerifyContext, hypervisor: string): Finding {
  if (source.env.GITHUB_ACTIONS === 'true') {
    return finding(
      virtualMachine,
      'warning',
      'A GitHub runner with a paravirtual GPU: MPS reports itself as available, but wrong results and failed allocations have been reported.',
      {
        fixes: [fix('Check the numbers before you trust them.', 'mpsbench verify compute')],
      },
    );
  }
  return finding(
    virtualMachine,
    'warning',
    `A virtual machine (${hypervisor}): its GPU is an Apple Paravirtual device, with neither the features nor the speed of the host's.`,
    { fixes: [fix('Run GPU work on the host itself.')] },
  );
}

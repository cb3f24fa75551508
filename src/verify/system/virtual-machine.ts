import type { Finding } from '../../result/schema.js';
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
    const where = [virtual && `virtual machine (${virtual})`, container && `in ${container}`];
    const text = where.filter(Boolean).join(', ');
    return [
      finding(
        virtualMachine,
        'pass',
        text
          ? `${text}: a GPU is there only where it was passed through`
          : 'not a virtual machine, as far as can be seen',
      ),
    ];
  },
};

function paravirtual({ source }: VerifyContext, hypervisor: string): Finding {
  if (source.env.GITHUB_ACTIONS === 'true') {
    return finding(
      virtualMachine,
      'warning',
      'A GitHub runner: its GPU is paravirtual. Metal starts and MPS says it is available, but wrong results and failed allocations have been reported.',
      {
        fixes: [
          fix(
            'Trust no framework here that has not shown right numbers.',
            'mpsbench verify compute',
          ),
        ],
      },
    );
  }
  return finding(
    virtualMachine,
    'warning',
    `A virtual machine (${hypervisor}): its GPU is an Apple Paravirtual device, with neither the features nor the speed of the host's.`,
    { fixes: [fix('Measure and develop for the GPU on the host itself.')] },
  );
}

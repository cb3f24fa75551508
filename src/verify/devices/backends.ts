import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';

/** Each backend of this build: whether it starts, and if not, why and what to do. */
export const backends: Check = {
  id: 'devices.backends',
  group: 'devices',
  title: 'each backend starts, or says why not',
  sources: ['docs/backends.md'],
  applies: () => true,
  async run(context) {
    const found = await context.discovery();
    return found.backends.map(({ id, state, version, reason, remedy }) => {
      if (state === 'available') {
        return finding(backends, 'pass', `available${version ? `, ${version}` : ''}`, {
          subject: id,
        });
      }
      return finding(backends, 'warning', `not available: ${reason ?? 'it does not say why'}`, {
        subject: id,
        fixes: remedy ? [fix(remedy)] : [],
      });
    });
  },
};

import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { whyNotMeant } from './meant-for.js';

/** Each backend of this build: whether it starts, and if not, why and what to do. */
export const backends: Check = {
  id: 'devices.backends',
  group: 'devices',
  title: 'each backend that this machine has hardware for starts, or says why not',
  sources: ['docs/backends.md'],
  applies: () => true,
  async run(context) {
    const found = await context.discovery();
    return Promise.all(
      found.backends.map(async ({ id, state, version, reason, remedy }) => {
        const subject = id;
        if (state === 'available') {
          const message = `available${version ? `, ${version}` : ''}`;
          return finding(backends, 'pass', message, { subject });
        }
        // Not the backend's own reason, which may be another: an addon that does not load.
        const lack = await whyNotMeant(id, context);
        if (lack) {
          return finding(backends, 'not-applicable', `not applicable (${lack})`, { subject });
        }
        const fixes = remedy ? [fix(remedy)] : [];
        const why = reason ?? 'it does not say why';
        return finding(backends, 'warning', `not available: ${why}`, { subject, fixes });
      }),
    );
  },
};

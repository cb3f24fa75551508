import type { BackendRecord, DevicesResult } from '../result/schema.js';
import type { Fact } from './document.js';

/**
 * The line that points to `mpsbench verify` if one of its checks explains the result: a backend that
 * does not start, a software GPU instead of a real one, a wrong or impossible result.
 */
export function verifyHint(
  backends: readonly BackendRecord[],
  devices: readonly DevicesResult['devices'][number][],
  wrong = false,
): Fact[] {
  // Without a remedy there is nothing to explain: Metal away from macOS.
  const missing = backends.some(({ state, remedy }) => state === 'unavailable' && remedy);
  const software = devices.some(({ kind }) => kind === 'software');
  if (wrong) return [{ label: 'Diagnose', value: 'mpsbench verify compute', code: true }];
  return missing || software ? [{ label: 'Diagnose', value: 'mpsbench verify', code: true }] : [];
}

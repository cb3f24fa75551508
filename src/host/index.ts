import type { Conditions, Host } from '../result/schema.js';
import { readLinuxConditions, readLinuxHost } from './linux.js';
import { readMacConditions, readMacHost } from './macos.js';
import { type HostSource, systemSource } from './source.js';

export { conditionWarnings, isNote, loadWarning } from './condition-warnings.js';

/** Facts about this machine that do not change while mpsbench runs. Never throws. */
export async function readHost(source: HostSource = systemSource): Promise<Host> {
  const { hostname } = source.os;
  return { ...(hostname && { name: hostname }), ...(await readFacts(source)) };
}

async function readFacts(source: HostSource): Promise<Host> {
  switch (source.platform) {
    case 'linux':
      return readLinuxHost(source);
    case 'darwin':
      return readMacHost(source);
    default:
      return {
        os: source.os.type,
        kernel: source.os.release,
        arch: source.os.machine,
        cpu: source.os.cpuModel || source.os.machine,
        logicalCpus: source.os.logicalCpus,
        memoryBytes: source.os.totalMemoryBytes,
        node: source.os.node,
      };
  }
}

/** The state that the machine is in now: read before and after a measurement. Never throws. */
export async function readConditions(source: HostSource = systemSource): Promise<Conditions> {
  const at = new Date().toISOString();
  switch (source.platform) {
    case 'linux':
      return { at, ...(await readLinuxConditions(source)) };
    case 'darwin':
      return { at, ...(await readMacConditions(source)) };
    default:
      // Windows has no load average: Node reports 0.
      return { at, freeMemoryBytes: source.os.freeMemoryBytes, powerSource: 'unknown' };
  }
}

import type { Finding, Host } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { hostOf } from './machine.js';
import { DARWIN_SOURCES, METAL_3_MACOS, macosName, macosOfDarwin, NEWEST_DARWIN } from './macos.js';

/** Name and kernel of the operating system, and whether GPU frameworks of today run on it. */
export const os: Check = {
  id: 'system.os',
  group: 'system',
  title: 'operating system and kernel supported by current GPU frameworks',
  sources: [
    ...DARWIN_SOURCES,
    `https://developer.apple.com/documentation/metal/mtlgpufamily/metal3 (Metal 3: macOS ${METAL_3_MACOS})`,
  ],
  applies: () => true,
  async run(context) {
    const host = await hostOf(context);
    return [context.platform === 'darwin' ? judgeMac(host) : other(host)];
  },
};

function other(host: Host): Finding {
  const sources = ['/etc/os-release, uname(2)'];
  return finding(os, 'pass', `${host.os}, kernel ${host.kernel}`, { sources });
}

function judgeMac(host: Host): Finding {
  const major = macosOfDarwin(host.kernel);
  const darwin = `Darwin ${host.kernel}`;
  if (major === undefined) return unknownMac(host, darwin);
  const stated = Number.parseInt(host.os.replace(/^\D+/, ''), 10);
  const name = stated === major ? `${host.os}, ${darwin}` : `${macosName(major)}, ${darwin}`;
  const details = { macos: major };
  if (major < METAL_3_MACOS) {
    return finding(os, 'fail', `${name}: current GPU frameworks need macOS ${METAL_3_MACOS}.`, {
      details,
      fixes: [fix('Update macOS.', 'softwareupdate --list')],
    });
  }
  return finding(os, 'pass', name, { details });
}

function unknownMac(host: Host, darwin: string): Finding {
  const newer = Number.parseInt(host.kernel, 10) > NEWEST_DARWIN;
  return newer
    ? finding(os, 'warning', `${host.os}, ${darwin}: newer than this version of mpsbench knows.`, {
        fixes: [fix('Update mpsbench.', 'npm install -g mpsbench')],
      })
    : finding(os, 'fail', `${host.os}, ${darwin}: too old for any current GPU framework.`, {
        fixes: [fix('Update macOS.', 'softwareupdate --list')],
      });
}

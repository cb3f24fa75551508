import type { HostSource } from './source.js';

/** What firmware says of itself (DMI), by vendor; the same strings that systemd-detect-virt reads. */
const HYPERVISORS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/VMware/i, 'VMware'],
  [/VirtualBox|innotek/i, 'VirtualBox'],
  [/Parallels/i, 'Parallels'],
  [/Microsoft Corporation.*Virtual Machine/is, 'Hyper-V'],
  [/Google Compute Engine/i, 'Google Compute Engine'],
  [/Amazon EC2/i, 'Amazon EC2'],
  [/Apple Virtualization/i, 'Apple Virtualization'],
  [/BHYVE/i, 'bhyve'],
  [/Xen/i, 'Xen'],
  [/KVM|QEMU|Bochs/i, 'KVM'],
];

/** The hypervisor under this Linux, where one shows itself. */
export async function detectHypervisor(
  source: HostSource,
  cpuinfo: string,
): Promise<string | undefined> {
  if (/microsoft/i.test(source.os.release)) return 'WSL 2';
  const fields = await Promise.all(
    ['sys_vendor', 'product_name', 'bios_vendor', 'board_vendor'].map((name) =>
      source.readFile(`/sys/class/dmi/id/${name}`),
    ),
  );
  const firmware = fields.map((text) => text?.trim() ?? '').join(' ');
  const named = HYPERVISORS.find(([pattern]) => pattern.test(firmware))?.[1];
  const flagged = /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo);
  // A cloud's metal machine has the cloud's firmware but no hypervisor: on x86 the flag decides.
  if (/^flags\s*:/m.test(cpuinfo)) return flagged ? (named ?? 'unnamed hypervisor') : undefined;
  return named;
}

/** The kind of container that this process runs in, where one shows itself. */
export async function detectContainer(source: HostSource): Promise<string | undefined> {
  const [docker, podman, cgroup] = await Promise.all(
    ['/.dockerenv', '/run/.containerenv', '/proc/self/cgroup'].map((path) => source.readFile(path)),
  );
  if (source.env.KUBERNETES_SERVICE_HOST || /kubepods/.test(cgroup ?? '')) return 'Kubernetes';
  if (podman !== undefined) return 'Podman';
  if (docker !== undefined || /\/docker[/-]/.test(cgroup ?? '')) return 'Docker';
  if (/\/lxc[/.]/.test(cgroup ?? '')) return 'LXC';
  return source.env.container || undefined;
}

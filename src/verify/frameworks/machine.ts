import type { HostSource } from '../../host/source.js';
import type { Facts } from '../facts/condition.js';
import { perContext } from '../memo.js';
import { hostOf } from '../system/machine.js';
import { macosOfDarwin } from '../system/macos.js';
import { nvidiaOf } from '../system/nvidia.js';

/** Variables that a rule speaks of. */
const VARIABLES = ['TF_USE_LEGACY_KERAS', 'ENABLE_PJRT_COMPATIBILITY'] as const;

/** GPUs that CUDA 13 has no code for, by the names of their models. */
const OLD_GENERATIONS: readonly (readonly [model: RegExp, generation: string])[] = [
  [/\b(?:GTX (?:7[45]0|9\d\d)|M\d0|GTX TITAN X)\b/i, 'maxwell'],
  [/\b(?:GTX 10\d\d|TITAN Xp?|P\d{1,3}0?|Quadro P\d+)\b/i, 'pascal'],
  [/\b(?:V100|TITAN V|GV100)\b/i, 'volta'],
];

const GPUS = '/proc/driver/nvidia/gpus';

/** The machine as the rules ask for it: its kind, system, GPU and driver. */
export const machineFacts = perContext(async (context): Promise<Facts> => {
  const { source, platform } = context;
  const [host, nvidia, model] = await Promise.all([
    hostOf(context),
    nvidiaOf(context),
    readGpuModel(source),
  ]);
  const facts = new Map<string, string>();
  const put = (name: string, value: string | undefined) => value && facts.set(name, value);
  const isAppleSilicon = platform === 'darwin' && host.arch === 'arm64';
  const macKind = isAppleSilicon ? 'apple-silicon' : 'intel-mac';
  put('machine', { darwin: macKind, linux: 'linux', win32: 'windows' }[platform as string]);
  if (platform === 'darwin') put('macos', macosVersion(host.os, host.kernel));
  const hasNvidia = nvidia.pciGpus > 0 || nvidia.module !== undefined;
  put('gpu', isAppleSilicon ? 'apple' : hasNvidia ? 'nvidia' : 'none');
  put('driver', nvidia.module ?? nvidia.library);
  put('gpu-model', model);
  put('gpu-generation', OLD_GENERATIONS.find(([name]) => name.test(model ?? ''))?.[1]);
  put('chip', /^Apple (M\d+)/.exec(host.cpu)?.[1]);
  put('virtual-machine', host.virtualMachine);
  for (const name of VARIABLES) put(`env:${name}`, source.env[name]);
  return facts;
});

/** The kernel decides the major version: programs of old SDKs are told another one. */
function macosVersion(os: string, kernel: string): string | undefined {
  const told = /^(?:macOS|Mac OS X)\s+(\d+(?:\.\d+)*)/.exec(os)?.[1];
  const major = macosOfDarwin(kernel);
  return told && (major === undefined || told.startsWith(`${major}.`) || told === `${major}`)
    ? told
    : major?.toString();
}

async function readGpuModel(source: HostSource): Promise<string | undefined> {
  const [first] = await source.list(GPUS);
  if (first === undefined) return undefined;
  const text = await source.readFile(`${GPUS}/${first}/information`);
  return /^Model:\s*(.+)$/m.exec(text ?? '')?.[1]?.trim();
}

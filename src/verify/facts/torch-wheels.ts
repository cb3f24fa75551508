import type { Facts } from './condition.js';
import { CUDA_FLOOR, cudaLevelOf } from './cuda-drivers.js';
import { gpuCode } from './gpu-builds.js';
import { compareVersions, satisfies } from './version.js';

/** One of PyTorch's indexes with wheels for a CUDA version. */
interface TorchIndex {
  readonly index: string;
  readonly cuda: string;
  /** The newest PyTorch in it, which pip installs. */
  readonly newest: string;
  readonly python: string;
  /** The first PyTorch with wheels for aarch64, if there are any. */
  readonly aarch64?: string;
}

export const TORCH_INDEX = 'https://download.pytorch.org/whl';

/** Newest first. Source: PyTorch's release matrix, and its list of previous versions. */
export const TORCH_INDEXES: readonly TorchIndex[] = [
  { index: 'cu130', cuda: '13.0', newest: '2.13.0', python: '>=3.10,<3.15', aarch64: '2.9' },
  { index: 'cu128', cuda: '12.8', newest: '2.11.0', python: '>=3.10,<3.15', aarch64: '2.7' },
  { index: 'cu126', cuda: '12.6', newest: '2.13.0', python: '>=3.10,<3.15', aarch64: '2.6' },
  { index: 'cu124', cuda: '12.4', newest: '2.6.0', python: '>=3.9,<3.14', aarch64: '2.5' },
  { index: 'cu121', cuda: '12.1', newest: '2.5.1', python: '>=3.9,<3.13' },
  { index: 'cu118', cuda: '11.8', newest: '2.7.1', python: '>=3.9,<3.14' },
];

/** The index for a machine whose driver or GPU is not known: the widest range of both. */
const DEFAULT_INDEX = 'cu126';

/**
 * The index whose newest PyTorch runs with this driver, on this GPU and processor. The CUDA version is
 * never newer than what the driver fully supports. Undefined if none does.
 */
export function torchIndexFor(facts: Facts): TorchIndex | undefined {
  const driver = facts.get('driver');
  const level = driver === undefined ? undefined : cudaLevelOf(driver);
  const arch = facts.get('interpreter') === 'aarch64' ? 'aarch64' : 'x86_64';
  const capability = facts.get('gpu-capability');
  const fits = ({ cuda, newest, aarch64 }: TorchIndex): boolean => {
    if (arch === 'aarch64' && aarch64 === undefined) return false;
    if (driver !== undefined && !driverRuns(driver, level, cuda)) return false;
    if (capability === undefined) return true;
    const query = { framework: 'pytorch', version: newest, cuda, arch, isConda: false } as const;
    return gpuCode(query, capability) !== 'none' && gpuCode(query, capability) !== undefined;
  };
  if (driver === undefined && capability === undefined) {
    return TORCH_INDEXES.find(
      ({ index, aarch64 }) => index === DEFAULT_INDEX && (arch !== 'aarch64' || aarch64),
    );
  }
  return TORCH_INDEXES.find(fits);
}

function driverRuns(driver: string, level: string | undefined, cuda: string): boolean {
  if (level !== undefined && compareVersions(cuda, level) <= 0) return true;
  // A driver between two toolkits, such as 525, runs the oldest build of its major version.
  if (cuda === '12.1') return satisfies(driver, `>=${CUDA_FLOOR[12]}`);
  return cuda === '11.8' && satisfies(driver, `>=${CUDA_FLOOR[11]}`);
}

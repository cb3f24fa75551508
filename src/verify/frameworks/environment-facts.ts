import { DISTRIBUTIONS, namedBuild } from '../../frameworks/distributions.js';
import { normaliseName } from '../../frameworks/environments/names.js';
import type { InstalledPackage, PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Facts } from '../facts/condition.js';
import { torchaudioOf, torchvisionOf } from '../facts/pytorch-companions.js';
import { torchIndexFor } from '../facts/torch-wheels.js';
import { compareVersions, localLabel, majorOf, satisfies, seriesOf } from '../facts/version.js';
import { jaxFacts } from './jax-facts.js';
import { architectureOfTags } from './wheel-tags.js';

/** Environments that the user has chosen, by being in them or by naming them. */
const CHOSEN_ORIGINS = ['--python', 'active venv', 'active conda', 'venv folder'];

export function isChosen({ origin }: PythonEnvironment): boolean {
  return CHOSEN_ORIGINS.includes(origin);
}

/** Whether it is an environment: what --python names is kept even if there is none. */
export function isEnvironment({ origin, packages, pythonVersion }: PythonEnvironment): boolean {
  return origin !== '--python' || packages.size > 0 || pythonVersion !== undefined;
}

export function packageOf(
  { packages }: PythonEnvironment,
  names: readonly string[],
): InstalledPackage | undefined {
  for (const name of names) {
    const found = packages.get(name)?.[0];
    if (found) return found;
  }
  return undefined;
}

const FRAMEWORKS = Object.values(DISTRIBUTIONS).flat();

/** What the rules may ask of an environment on this machine. */
export function environmentFacts(environment: PythonEnvironment, machine: Facts): Facts {
  const { packages, pythonVersion } = environment;
  const facts = new Map<string, string>();
  for (const [name, [installed]] of packages) {
    if (installed) facts.set(name, installed.version);
  }
  // After the packages: one that is called "driver" says nothing of the driver.
  for (const [name, value] of machine) facts.set(name, value);
  const put = (name: string, value: string | undefined) =>
    value === undefined ? facts.delete(name) : facts.set(name, value);
  put('python', pythonVersion);
  put('interpreter', architectureOf(environment, machine));
  put('chosen', isChosen(environment) || machine.has('only-python') ? 'yes' : 'no');
  put('frameworks', packageOf(environment, FRAMEWORKS) ? 'some' : 'none');
  for (const [name, value] of [
    ...tensorflowFacts(environment),
    ...torchFacts(environment, facts),
    ...onnxruntimeFacts(environment),
    ...mlxFacts(environment, facts),
    ...jaxFacts(environment),
  ]) {
    put(name, value);
  }
  put('torch-index', torchIndexFor(facts)?.index);
  return facts;
}

type Entries = readonly (readonly [name: string, value: string | undefined])[];

/** The architecture that the interpreter runs as here; its packages tell where it cannot be read. */
function architectureOf(environment: PythonEnvironment, machine: Facts): string | undefined {
  const { architectures, packages } = environment;
  const native = machine.get('machine') === 'apple-silicon' ? 'arm64' : undefined;
  if (native && architectures.includes(native)) return native;
  if (architectures[0] !== undefined) return architectures[0];
  for (const [name, installed] of packages) {
    const architecture = architectureOfTags(name, installed[0]?.tags ?? []);
    if (architecture) return architecture;
  }
  return undefined;
}

const byConda = (installed: InstalledPackage | undefined) =>
  installed?.condaName ? 'yes' : undefined;

function tensorflowFacts(environment: PythonEnvironment): Entries {
  const tensorflow = packageOf(environment, DISTRIBUTIONS.tensorflow);
  const distribution = tensorflow && normaliseName(tensorflow.name);
  const told = tensorflow && (namedBuild(distribution ?? '') ?? tensorflow.build);
  return [
    ['tensorflow', tensorflow?.version],
    ['tensorflow-distribution', distribution],
    ['tensorflow-other', distribution === 'tensorflow' ? undefined : distribution],
    // tf-keras of another series would pull another TensorFlow in.
    ['tensorflow-series', seriesOf(tensorflow?.version)],
    ['tensorflow-build', told && /^\d/.test(told) ? 'cuda' : told],
    ['tensorflow-by-conda', byConda(tensorflow)],
  ];
}

function torchFacts(environment: PythonEnvironment, machine: Facts): Entries {
  const { packages, conda, openmp: library } = environment;
  const torch = packageOf(environment, DISTRIBUTIONS.pytorch);
  const cuda = torch && torchCuda(torch, environment);
  const isCuda = cuda !== undefined && /^\d/.test(cuda);
  const series = seriesOf(torch?.version) ?? '';
  const vision = packages.get('torchvision')?.[0];
  const audio = packages.get('torchaudio')?.[0];
  const isMac =
    machine.get('machine') === 'apple-silicon' || machine.get('machine') === 'intel-mac';
  const openmp = ['intel-openmp', 'llvm-openmp'].find((name) => conda.has(name)) ?? library;
  return [
    ['torch', torch?.version],
    ['torch-cuda', isCuda ? cuda : undefined],
    ['torch-build', isCuda ? 'cuda' : cuda],
    ['torch-by-conda', byConda(torch)],
    ['openmp', isMac && torch && !torch.condaName ? openmp : undefined],
    ['torchvision-wanted', torchvisionOf(series)],
    ['torchvision-fit', torch && companionFit(vision, torchvisionOf(series), cuda)],
    ['torchaudio-wanted', torchaudioOf(series)],
    [
      'torchaudio-fit',
      torch && companionFit(stableAudio(audio, series), torchaudioOf(series), cuda),
    ],
  ];
}

/** From 2.9 torchaudio uses PyTorch's stable interface: one release serves several. */
function stableAudio(audio: InstalledPackage | undefined, torchSeries: string) {
  const isStable = audio && satisfies(audio.version, '>=2.9') && satisfies(torchSeries, '>=2.9');
  return isStable ? undefined : audio;
}

/** Whether a package with ops compiled against PyTorch belongs to the one beside it. */
function companionFit(
  companion: InstalledPackage | undefined,
  wanted: string | undefined,
  torchBuild: string | undefined,
): string | undefined {
  if (!companion || wanted === undefined || companion.editable) return undefined;
  if (seriesOf(companion.version) !== wanted) return 'other-release';
  const label = localLabel(companion.version);
  const [, major] = /^cu(\d\d)\d/.exec(label ?? '') ?? [];
  const isCpu = label === 'cpu';
  if (torchBuild === undefined || (!isCpu && major === undefined)) return 'same';
  if (torchBuild === 'cpu') return isCpu ? 'same' : 'other-build';
  // torchvision itself compares the major versions of CUDA.
  return major === majorOf(torchBuild) ? 'same' : 'other-build';
}

/** `12.8`, `cpu` or `rocm`; the libraries beside it tell where its own file does not. */
function torchCuda(torch: InstalledPackage, { packages }: PythonEnvironment): string | undefined {
  if (torch.build !== undefined) return torch.build;
  const runtimes = ['-cu11', '-cu12', ''].map((suffix) => `nvidia-cuda-runtime${suffix}`);
  const runtime = runtimes.map((name) => packages.get(name)?.[0]).find((found) => found);
  return seriesOf(runtime?.version);
}

function onnxruntimeFacts(environment: PythonEnvironment): Entries {
  const any = packageOf(environment, DISTRIBUTIONS.onnxruntime);
  const gpu = packageOf(environment, ['onnxruntime-gpu']);
  const isConda = any?.condaName !== undefined && any.build !== undefined && any.build !== 'cpu';
  return [
    ['onnxruntime-version', any?.version],
    ['onnxruntime-distribution', any && normaliseName(any.name)],
    ['onnxruntime-build', gpu || isConda ? 'cuda' : undefined],
  ];
}

function mlxFacts({ packages }: PythonEnvironment, machine: Facts): Entries {
  const mlx = packages.get('mlx')?.[0];
  const version = (name: string) => packages.get(name)?.[0]?.version;
  const sameness = (other: string | undefined) =>
    mlx && other && (compareVersions(mlx.version, other) === 0 ? 'same' : 'other');
  const runsCuda =
    machine.get('gpu') === 'nvidia' &&
    satisfies(machine.get('driver') ?? '', '>=550.54.14') &&
    satisfies(machine.get('gpu-capability') ?? '', '>=7.5');
  return [
    ['mlx-metal-version', sameness(version('mlx-metal'))],
    ['mlx-backend-version', sameness(version('mlx-cuda-12') ?? version('mlx-cuda-13'))],
    ['mlx-editable', mlx?.editable ? 'yes' : undefined],
    ['mlx-by-conda', byConda(mlx)],
    ['mlx-backend', runsCuda ? 'cuda12' : 'cpu'],
    ['mlx-cpu-installed', packages.has('mlx-cpu') ? 'mlx-cpu' : undefined],
  ];
}

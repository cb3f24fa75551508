import { normaliseName } from '../environments/names.js';
import type { InstalledPackage, PythonEnvironment } from '../environments/types.js';
import type { Facts } from '../facts/condition.js';
import { DISTRIBUTIONS, namedBuild } from '../facts/distributions.js';
import { architectureOfTags } from './wheel-tags.js';

/** Environments that the user has chosen, by being in them or by naming them. */
const CHOSEN_ORIGINS = ['--python', 'active venv', 'active conda', 'venv folder'];

export function isChosen({ origin }: PythonEnvironment): boolean {
  return CHOSEN_ORIGINS.includes(origin);
}

/** Whether it is an environment: what --python names is kept even where there is none. */
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

/** What the rules may ask of an environment on this machine. */
export function environmentFacts(environment: PythonEnvironment, machine: Facts): Facts {
  const { packages, pythonVersion } = environment;
  const facts = new Map(machine);
  for (const [name, [installed]] of packages) {
    if (installed) facts.set(name, installed.version);
  }
  const put = (name: string, value: string | undefined) =>
    value === undefined ? facts.delete(name) : facts.set(name, value);
  put('python', pythonVersion);
  put('interpreter', architectureOf(environment, machine));
  put('chosen', isChosen(environment) ? 'yes' : 'no');

  const tensorflow = packageOf(environment, DISTRIBUTIONS.tensorflow);
  put('tensorflow', tensorflow?.version);
  put('tensorflow-distribution', tensorflow && normaliseName(tensorflow.name));
  // tf-keras of another series would pull another TensorFlow in.
  put('tensorflow-series', /^\d+\.\d+/.exec(tensorflow?.version ?? '')?.[0]);
  put('tensorflow-build', tensorflowBuild(tensorflow));
  const torch = packageOf(environment, DISTRIBUTIONS.pytorch);
  put('torch', torch?.version);
  const cuda = torch && torchCuda(torch, environment);
  put('torch-cuda', cuda && /^\d/.test(cuda) ? cuda : undefined);
  put('torch-build', cuda && /^\d/.test(cuda) ? 'cuda' : cuda);
  const mlx = packages.get('mlx')?.[0];
  const metal = packages.get('mlx-metal')?.[0];
  if (mlx && metal) put('mlx-metal-version', mlx.version === metal.version ? 'same' : 'other');
  if (mlx?.editable) put('mlx-editable', 'yes');
  return facts;
}

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

/** `cuda`, `cpu` or `rocm`, by its name or by what its files tell. */
function tensorflowBuild(tensorflow: InstalledPackage | undefined): string | undefined {
  if (!tensorflow) return undefined;
  const told = namedBuild(normaliseName(tensorflow.name)) ?? tensorflow.build;
  return told && /^\d/.test(told) ? 'cuda' : told;
}

/** `12.8`, `cpu` or `rocm`; the libraries beside it tell where its own file does not. */
function torchCuda(torch: InstalledPackage, { packages }: PythonEnvironment): string | undefined {
  if (torch.build !== undefined) return torch.build;
  const runtimes = ['-cu11', '-cu12', ''].map((suffix) => `nvidia-cuda-runtime${suffix}`);
  const runtime = runtimes.map((name) => packages.get(name)?.[0]).find((found) => found);
  return /^\d+\.\d+/.exec(runtime?.version ?? '')?.[0];
}

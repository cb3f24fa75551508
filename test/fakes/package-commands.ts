/**
 * The commands of fixes, played on example machines: what pip, uv and conda would leave behind. Nothing is
 * downloaded; what they install comes from package-index.ts.
 */
import { torchaudioOf, torchvisionOf } from '../../src/verify/facts/pytorch-companions.js';
import { parseRequirement } from '../../src/verify/facts/requirement.js';
import { TORCH_INDEXES } from '../../src/verify/facts/torch-wheels.js';
import { compareVersions, satisfies, seriesOf } from '../../src/verify/facts/version.js';
import type { Example } from './example-machines.js';
import { PYPI, PYPI_CUDA, PYPI_TORCH, type Release } from './package-index.js';
import type { FakePackage } from './python-files.js';

/** What a command leaves behind; undefined if no environment shows it (drivers, other machines). */
export function follow(example: Example, command: string): Example | undefined {
  let current: Example | undefined = example;
  for (const part of command.split(' && ')) {
    current = current && followOne(current, words(part));
  }
  return current;
}

/** As a shell splits them; quotes are single or double. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');

function followOne(
  example: Example,
  [program = '', ...rest]: readonly string[],
): Example | undefined {
  if (program === 'export' || program === 'unset') return setVariable(example, rest[0] ?? '');
  if (program === 'softwareupdate') return withSetting(example, 'macos', '26.4');
  if (program === 'docker' && rest[1] === '--gpus' && rest.at(-1) === 'IMAGE') {
    return example.settings.has('gpu') ? withSetting(example, 'libcuda', undefined) : undefined;
  }
  if (program === 'conda')
    return installConda(example, rest.slice(rest.indexOf('conda-forge') + 1));
  if (program === 'uv' && rest[0] === 'venv') {
    return emptied(example, /(\d+\.\d+)/.exec(rest[2] ?? '')?.[1] ?? '3.12', 'uv');
  }
  if (rest[0] === '-m' && rest[1] === 'venv') {
    return emptied(example, /python(3\.\d+)$/.exec(program)?.[1] ?? '3.12', 'venv');
  }
  const pip = program === 'uv' ? rest.slice(1) : program === 'pipx' ? rest.slice(2) : rest.slice(2);
  const arguments_ = pip[1] === '--python' ? [pip[0] ?? '', ...pip.slice(3)] : pip;
  if (arguments_[0] === 'uninstall') return without(example, arguments_.slice(1));
  return arguments_[0] === 'install' ? install(example, arguments_.slice(1)) : undefined;
}

function setVariable(example: Example, text: string): Example {
  const [name = '', value] = text.split('=');
  const shown = value?.startsWith('$(') ? undefined : value;
  return withSetting(example, `env:${name}`, shown);
}

function withSetting(example: Example, name: string, value: string | undefined): Example {
  const settings = new Map(example.settings);
  if (value === undefined) settings.delete(name);
  else settings.set(name, value);
  return { ...example, settings };
}

/** A new environment: the machine stays, its packages are gone, and its Python is a native one. */
function emptied(example: Example, python: string, layout: string): Example {
  const fresh = withSetting(withSetting(example, 'python', python), 'arch', undefined);
  return { ...withSetting(fresh, 'layout', layout), packages: [], conda: [], userSite: [] };
}

function without(example: Example, names: readonly string[]): Example {
  return { ...example, packages: example.packages.filter(({ name }) => !names.includes(name)) };
}

function installConda(example: Example, specs: readonly string[]): Example {
  const records = specs.map((spec) => {
    const name = /^[\w-]+/.exec(spec)?.[0] ?? '';
    const build = spec.includes('cuda') ? 'cuda126_py312h1' : 'py312h1';
    const version =
      { pytorch: '2.7.1', jaxlib: '0.7.0', jax: '0.7.0', torchvision: '0.22.1' }[name] ?? '1.0';
    return `${name}=${version}=${build}`;
  });
  const replaced = records.map((record) => record.split('=')[0] ?? '');
  const names = replaced.map((name) => (name === 'pytorch' ? 'torch' : name));
  return {
    ...without(example, names),
    conda: [
      ...example.conda.filter((record) => !replaced.includes(record.split('=')[0] ?? '')),
      ...records,
    ],
  };
}

function install(example: Example, arguments_: readonly string[]): Example | undefined {
  if (arguments_.includes('--dry-run')) {
    return (
      install(
        example,
        arguments_.filter((one) => one !== '--dry-run'),
      ) && example
    );
  }
  const at = arguments_.indexOf('--index-url');
  const index = at < 0 ? undefined : arguments_[at + 1];
  const specs = (at < 0 ? arguments_ : arguments_.slice(0, at)).filter(
    (one) => !one.startsWith('--'),
  );
  const isEager = arguments_.some((one) =>
    /^--(?:force-reinstall|reinstall|upgrade-strategy=eager)$/.test(one),
  );
  const isForced =
    isEager ||
    arguments_.some(
      (one) => one === '--force-reinstall' || one === '--upgrade' || one === '--reinstall',
    );
  const packages = new Map(example.packages.map((one) => [one.name, one]));
  for (const spec of specs) resolve({ example, packages, index, isForced, isEager }, spec, specs);
  return { ...example, packages: [...packages.values()] };
}

interface Resolution {
  readonly example: Example;
  readonly packages: Map<string, FakePackage>;
  readonly index: string | undefined;
  /** Packages that are named are replaced where something newer is there. */
  readonly isForced: boolean;
  /** So is what they require. */
  readonly isEager: boolean;
}

/** Puts in what a requirement asks for, and what that requires; the last word of a conflict is the asked one. */
function resolve(resolution: Resolution, spec: string, asked: readonly string[]): void {
  const { packages, isForced, isEager } = resolution;
  const requirement = parseRequirement(spec);
  if (!requirement) throw new Error(`pip would refuse ${spec}`);
  const { name, specifier, extras } = requirement;
  const present = packages.get(name);
  const isAsked = asked.includes(spec);
  const pins = asked.map(parseRequirement).filter((one) => one?.name === name);
  const wanted = [specifier, ...pins.map((one) => one?.specifier ?? '')].filter(Boolean).join(',');
  const stays =
    present && satisfies(present.version, wanted || '>=0') && !(isEager || (isAsked && isForced));
  const release = stays
    ? releaseOf(resolution, name, `==${present.version}`)
    : releaseOf(resolution, name, wanted);
  if (!release) {
    if (stays) return;
    throw new Error(`No matching distribution found for ${name}${wanted}`);
  }
  if (!stays) packages.set(name, { ...release.made, requires: plainRequirements(release.release) });
  const markers = {
    variables: new Map([['platform_system', isMac(resolution.example) ? 'Darwin' : 'Linux']]),
    extras,
  };
  for (const line of release.release.requires ?? []) {
    const next = parseRequirement(line);
    if (next?.applies(markers)) resolve(resolution, `${next.name}${next.specifier}`, asked);
  }
}

const plainRequirements = ({ requires = [] }: Release) =>
  requires.filter((line) => !/extra/.test(line));

const isMac = ({ machine }: Example) => /^(?:M\d|intel)/.test(machine);
const isArm = ({ machine }: Example) => machine === 'aarch64' || machine === 'jetson';

function releaseOf(
  { example, index, packages }: Resolution,
  name: string,
  specifier: string,
): { release: Release; made: FakePackage } | undefined {
  const python = example.settings.get('python') ?? '3.12';
  const fits = ({ version, python: range }: Release) =>
    (specifier === '' || satisfies(version, specifier)) &&
    (range === undefined || satisfies(python, range));
  const newest = (releases: readonly Release[]) =>
    releases.filter(fits).toSorted((a, b) => compareVersions(b.version, a.version))[0];
  if (name === 'torchvision' || name === 'torchaudio') {
    const series = seriesOf(packages.get('torch')?.version) ?? '';
    const own = name === 'torchvision' ? torchvisionOf(series) : torchaudioOf(series);
    const label = /\+(\w+)$/.exec(packages.get('torch')?.version ?? '')?.[0] ?? '';
    return own
      ? { release: { version: `${own}.1` }, made: { name, version: `${own}.1${label}` } }
      : undefined;
  }
  if (name === 'torch') return torchRelease(example, index, newest);
  if (index?.includes('jetson')) {
    const version = '1.23.0';
    return { release: { version }, made: { name, version, tag: 'cp310-cp310-linux_aarch64' } };
  }
  const release = newest(PYPI[name] ?? []);
  if (!release) return undefined;
  const build = name === 'tensorflow' && !isMac(example) ? { build: '12.5' } : {};
  return { release, made: { name, version: release.version, ...build } };
}

function torchRelease(
  example: Example,
  index: string | undefined,
  newest: (releases: readonly Release[]) => Release | undefined,
): { release: Release; made: FakePackage } | undefined {
  if (index?.includes('jetson')) {
    const version = '2.8.0';
    return {
      release: { version },
      made: { name: 'torch', version, build: '12.6', tag: 'cp310-cp310-linux_aarch64' },
    };
  }
  const own = TORCH_INDEXES.find((one) => index?.endsWith(`/${one.index}`));
  const releases = own
    ? [
        { version: own.newest, python: own.python },
        ...PYPI_TORCH.filter(
          ({ version }) => compareVersions(version, own.newest) < 0 && satisfies(version, '>=2.1'),
        ),
      ]
    : PYPI_TORCH;
  const release = newest(releases);
  if (!release) return undefined;
  if (own) {
    const version = `${release.version}+${own.index}`;
    return { release, made: { name: 'torch', version, build: own.cuda } };
  }
  const cuda = PYPI_CUDA.find(([range]) => satisfies(release.version, range))?.[1];
  const build = isMac(example) || isArm(example) ? 'cpu' : cuda;
  return { release, made: { name: 'torch', version: release.version, ...(build && { build }) } };
}

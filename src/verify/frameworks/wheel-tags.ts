import type { InstalledPackage } from '../../frameworks/environments/types.js';
import type { Facts } from '../facts/condition.js';
import { satisfies } from '../facts/version.js';

export type TagFit =
  | 'fits'
  | 'other-system'
  | 'other-architecture'
  | 'newer-macos'
  | 'other-python';

/**
 * Apple built some of these for one architecture and renamed the files for the other: WHEEL of
 * tensorflow_metal-0.6.0-…_arm64.whl says x86_64. Their tags say nothing of the architecture.
 */
const RENAMED: ReadonlySet<string> = new Set(['tensorflow-metal', 'tensorflow-macos']);

interface Tag {
  readonly python: string;
  readonly abi: string;
  readonly platform: string;
}

function parseTag(tag: string): Tag | undefined {
  const [, python, abi, platform] = /^([^-]+)-([^-]+)-([^-]+)$/.exec(tag) ?? [];
  return python && abi && platform ? { python, abi, platform } : undefined;
}

/** The architecture that all tags of a package share; universal2 and pure packages have none. */
export function architectureOfTags(name: string, tags: readonly string[]): string | undefined {
  if (RENAMED.has(name)) return undefined;
  const found = tags.map((tag) => /_(arm64|x86_64|aarch64)$/.exec(tag)?.[1]);
  return found.every((architecture) => architecture === found[0]) ? found[0] : undefined;
}

/** Whether one of a wheel's tags fits the interpreter and the macOS; what is not known fits. */
export function tagFit(name: string, tags: readonly string[], facts: Facts): TagFit {
  const parsed = tags.map(parseTag).filter((tag) => tag !== undefined);
  if (parsed.length === 0) return 'fits';
  const onSystem = parsed.filter((tag) => fitsSystem(tag, facts));
  if (onSystem.length === 0) return 'other-system';
  const onArchitecture = RENAMED.has(name)
    ? onSystem
    : onSystem.filter((tag) => fitsArchitecture(tag, facts));
  if (onArchitecture.length === 0) return 'other-architecture';
  const onMacos = onArchitecture.filter((tag) => fitsMacos(tag, facts));
  if (onMacos.length === 0) return 'newer-macos';
  return onMacos.some((tag) => fitsPython(tag, facts)) ? 'fits' : 'other-python';
}

const PLATFORMS: Readonly<Record<string, RegExp>> = {
  'apple-silicon': /^macosx_/,
  'intel-mac': /^macosx_/,
  linux: /linux/,
  windows: /^win/,
};

function fitsSystem({ platform }: Tag, facts: Facts): boolean {
  const expected = PLATFORMS[facts.get('machine') ?? ''];
  return platform === 'any' || expected === undefined || expected.test(platform);
}

function fitsArchitecture({ platform }: Tag, facts: Facts): boolean {
  const built = /_(arm64|x86_64|aarch64)$/.exec(platform)?.[1];
  const interpreter = facts.get('interpreter');
  return built === undefined || interpreter === undefined || built === interpreter;
}

/** `macosx_26_0_arm64` needs macOS 26; 10.16 is how macOS 11 was first called. */
export function macosOfPlatform(platform: string): string | undefined {
  const [, major, minor] = /^macosx_(\d+)_(\d+)_/.exec(platform) ?? [];
  if (!major || !minor) return undefined;
  return major === '10' && Number(minor) >= 16 ? '11.0' : `${major}.${minor}`;
}

function fitsMacos({ platform }: Tag, facts: Facts): boolean {
  const [needed, running] = [macosOfPlatform(platform), facts.get('macos')];
  return needed === undefined || running === undefined || satisfies(running, `>=${needed}`);
}

/** cp311 fits 3.11 alone, with abi3 and none also later ones; py3 fits all. */
function fitsPython({ python, abi }: Tag, facts: Facts): boolean {
  const running = facts.get('python');
  const [, minor] = /^cp3(\d+)$/.exec(python) ?? [];
  if (running === undefined || minor === undefined) return true;
  const isFixed = abi.startsWith('cp3');
  return satisfies(running, isFixed ? `==3.${minor}.*` : `>=3.${minor}`);
}

/** The facts of one package, for the rules that speak of any. */
export function packageFacts(
  name: string,
  installed: readonly InstalledPackage[],
  facts: Facts,
): Facts {
  const own = new Map(facts);
  const [first] = installed;
  if (!first) return own;
  own.set('package', name);
  own.set('version', first.version);
  own.set('tags', first.tags.join(', '));
  own.set('tag-fit', tagFit(name, first.tags, facts));
  const macos = first.tags
    .map((tag) => macosOfPlatform(tag.split('-').at(-1) ?? ''))
    .find((version) => version !== undefined);
  if (macos) own.set('tag-macos', macos);
  if (first.hides !== undefined) own.set('hides', first.hides);
  const versions = new Set(installed.map(({ version }) => version));
  if (versions.size > 1) own.set('versions', [...versions].join(' and '));
  const python = facts.get('python');
  if (first.requiresPython && python) {
    own.set('requires-python', first.requiresPython);
    own.set('python-fit', satisfies(python, first.requiresPython) ? 'inside' : 'outside');
  }
  return own;
}

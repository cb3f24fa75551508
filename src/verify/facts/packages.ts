import type { Rule } from './types.js';

const REINSTALL = {
  text: 'Reinstall it: pip then picks the build for this system.',
  pip: ['--force-reinstall', '--no-cache-dir', '{package}=={version}'],
} as const;

/**
 * What holds for any package that a check speaks of: the facts are those of one package
 * (`package`, `version`, `tag-fit`…) beside those of its environment.
 */
export const PACKAGE_RULES: readonly Rule[] = [
  {
    id: 'package-several-versions',
    topic: 'package',
    when: { versions: 'present' },
    effect: 'undeclared',
    text: 'The environment holds {package} more than once ({versions}): which one gets imported is undefined.',
    fixes: [
      {
        text: 'Reinstall it: pip removes what it finds of the others.',
        pip: ['--force-reinstall', '{package}=={version}'],
      },
    ],
    sources: ['dist-info'],
  },
  {
    id: 'package-user-site',
    topic: 'package',
    when: { hides: 'present' },
    effect: 'undeclared',
    text: '{package} {version} of the user site (~/.local) hides {hides} of this environment: that is what gets imported.',
    fixes: [
      {
        text: "Exclude the user site, here and in your shell's start-up file.",
        command: 'export PYTHONNOUSERSITE=1',
      },
    ],
    sources: ['pep-370'],
  },
  {
    id: 'package-other-system',
    topic: 'package',
    when: { 'tag-fit': 'other-system' },
    effect: 'fails',
    text: '{package} {version} is a build for another system ({tags}): it does not import here.',
    fixes: [REINSTALL],
    sources: ['wheel-tags'],
  },
  {
    id: 'package-other-architecture',
    topic: 'package',
    when: { 'tag-fit': 'other-architecture' },
    effect: 'fails',
    text: '{package} {version} is a build for another processor ({tags}) than this Python ({interpreter}): it does not import.',
    fixes: [REINSTALL],
    sources: ['wheel-tags'],
  },
  {
    id: 'package-newer-macos',
    topic: 'package',
    when: { 'tag-fit': 'newer-macos' },
    effect: 'fails',
    text: '{package} {version} is a build for macOS {tag-macos} and newer ({tags}); this is macOS {macos}: its libraries do not load.',
    fixes: [
      {
        text: 'Install the newest build for this macOS.',
        pip: ['--force-reinstall', '--no-cache-dir', '{package}<={version}'],
      },
      { text: 'Or update macOS.', command: 'softwareupdate --list' },
    ],
    sources: ['wheel-tags', 'vmlx-issue-120'],
  },
  {
    id: 'package-other-python',
    topic: 'package',
    when: { 'tag-fit': 'other-python' },
    effect: 'fails',
    text: '{package} {version} is a build for another Python ({tags}) than this one ({python}): it does not import.',
    fixes: [REINSTALL],
    sources: ['wheel-tags'],
  },
  {
    id: 'package-requires-python',
    topic: 'package',
    when: { 'python-fit': 'outside' },
    effect: 'undeclared',
    text: '{package} {version} declares Python {requires-python}; this is {python}.',
    fixes: [
      { text: 'Install a version that is for this Python.', pip: ['--upgrade', '{package}'] },
    ],
    sources: ['core-metadata'],
  },
];

/** What a package declares (`Requires-Dist`) and the environment lacks: as `pip check` says it. */
export const REQUIREMENT_RULES: readonly Rule[] = [
  {
    id: 'package-requirement-missing',
    when: { requirement: 'missing' },
    effect: 'undeclared',
    text: '{package} {version} requires {required}, which is not installed.',
    fixes: [{ text: 'Install it.', pip: ['{required}'] }],
    sources: ['core-metadata', 'pip-check'],
  },
  {
    id: 'package-requirement-version',
    when: { requirement: 'other-version' },
    effect: 'undeclared',
    text: '{package} {version} requires {required}; this environment has {found}.',
    fixes: [{ text: 'Install the version that it requires.', pip: ['{required}'] }],
    sources: ['core-metadata', 'pip-check'],
  },
];

import type { Rule } from './types.js';

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
    text: 'The environment holds {package} more than once ({versions}): which one is imported is chance.',
    fixes: [
      {
        text: 'Take it away as often as pip finds it, then install the version that you want.',
        uninstall: ['{package}'],
      },
    ],
    sources: ['dist-info'],
    confidence: 'high',
  },
  {
    id: 'package-other-system',
    topic: 'package',
    when: { 'tag-fit': 'other-system' },
    effect: 'fails',
    text: '{package} {version} is a build for another system ({tags}): it does not import here.',
    fixes: [
      {
        text: 'Install the build for this one.',
        pip: ['--force-reinstall', '{package}=={version}'],
      },
    ],
    sources: ['wheel-tags'],
    confidence: 'high',
  },
  {
    id: 'package-other-architecture',
    topic: 'package',
    when: { 'tag-fit': 'other-architecture' },
    effect: 'fails',
    text: '{package} {version} is a build for another processor ({tags}) than this Python ({interpreter}): it does not import.',
    fixes: [
      {
        text: 'Install the build for this one.',
        pip: ['--force-reinstall', '{package}=={version}'],
      },
    ],
    sources: ['wheel-tags'],
    confidence: 'medium',
  },
  {
    id: 'package-other-python',
    topic: 'package',
    when: { 'tag-fit': 'other-python' },
    effect: 'fails',
    text: '{package} {version} is a build for another Python ({tags}) than this one ({python}): it does not import.',
    fixes: [
      {
        text: 'Install the build for this one.',
        pip: ['--force-reinstall', '{package}=={version}'],
      },
    ],
    sources: ['wheel-tags'],
    confidence: 'high',
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
    confidence: 'high',
  },
];

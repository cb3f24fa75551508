import { Option } from 'commander';
import { MpsbenchError } from '../../errors.js';
import { choiceOption } from '../shared-options.js';

/** Formats that CI systems and monitoring read. Each is written to a file besides all other output. */

const GITHUB = ['auto', 'on', 'off'] as const;

export interface CiFlags {
  junit?: string;
  benchmarkAction?: string;
  prometheus?: string;
  github?: (typeof GITHUB)[number] | true;
}

export const ciOptions = () => [
  fileOption('--junit', 'write JUnit XML: a test case per check and row'),
  githubOption(),
  fileOption('--benchmark-action', 'write the JSON of github-action-benchmark'),
  fileOption('--prometheus', "write metrics for Prometheus' textfile collector"),
];

function fileOption(flag: string, description: string): Option {
  return new Option(`${flag} <file>`, description).argParser((text) => {
    if (text !== '') return text;
    throw new MpsbenchError('usage', `${flag} has an empty file name.`, 'Name a file.');
  });
}

const githubOption = () => {
  const option = choiceOption(
    '--github',
    'when',
    'write the step summary and annotations of GitHub Actions; auto: only there',
    GITHUB,
  );
  // The value may be left out: `--github` alone means auto.
  const optional = new Option('--github [when]', option.description).choices(GITHUB);
  return option.parseArg ? optional.argParser(option.parseArg) : optional;
};

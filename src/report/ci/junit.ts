import { create } from 'xmlbuilder2';
import type { Result } from '../../result/schema.js';
import { printable } from '../../text/printable.js';
import { type Case, casesOf } from './case-list.js';

/**
 * A result as JUnit XML, as Jenkins, GitLab and others read it: a suite per group, a case per check and
 * row; a failure is a finding, and skipped means that it could not be checked. Control characters,
 * which XML cannot hold, are made visible.
 */
export function renderJunit(result: Result): string {
  const cases = casesOf(result);
  const groups = [...new Set(cases.map(({ group }) => group))];
  const document = create(
    { version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '?' },
    {
      testsuites: {
        '@name': `mpsbench ${result.command}`,
        ...countsOf(cases),
        '@time': seconds(result.seconds),
        testsuite: groups.map((group) => {
          const own = cases.filter((one) => one.group === group);
          return {
            '@name': printable(group),
            ...countsOf(own),
            '@timestamp': result.startedAt.replace(/\.\d+Z$/, ''),
            testcase: own.map(caseElement),
          };
        }),
      },
    },
  );
  return `${document.end({ prettyPrint: true })}\n`;
}

function countsOf(cases: readonly Case[]): Record<string, string> {
  const count = (state: Case['state']) => String(cases.filter((one) => one.state === state).length);
  return {
    '@tests': String(cases.length),
    '@failures': count('failed'),
    '@errors': '0',
    '@skipped': count('skipped'),
  };
}

function caseElement({ group, name, state, message, advice, type, seconds: time }: Case): object {
  const text = [message, ...advice].map(printable).join('\n');
  const outcome = { '@message': printable(message), '@type': printable(type), '#': text };
  return {
    '@name': printable(name),
    '@classname': printable(`mpsbench.${group}`),
    '@time': seconds(time ?? 0),
    ...(state === 'failed' && { failure: outcome }),
    ...(state === 'skipped' && { skipped: { '@message': printable(message) } }),
    ...(state === 'passed' && message !== '' && { 'system-out': text }),
  };
}

/** Never in exponent form, which a decimal of XML schema cannot be. */
const seconds = (value: number) => value.toFixed(9).replace(/\.?0+$/, '') || '0';

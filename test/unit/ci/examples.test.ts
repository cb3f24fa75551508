import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { testPython } from '../../../scripts/setup/test-pythons.mjs';
import { objectionTo } from './objection.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs', 'ci.md'), 'utf8');

/** What a fence of docs/ci.md is called, and the schema that it must follow. */
const SCHEMAS = {
  'github-workflow': 'vendor.github-workflows',
  'gitlab-ci': 'vendor.gitlab-ci',
  buildkite: 'vendor.buildkite',
} as const;

const EXAMPLES = [...PAGE.matchAll(/```yaml ([\w-]+)\n([\s\S]+?)```/g)].map(
  ([, kind, text], i) => ({
    name: `example ${i + 1}, ${kind}`,
    schema: SCHEMAS[kind as keyof typeof SCHEMAS],
    text,
  }),
);

const { python, reason } = testPython('check-jsonschema');

/** What check-jsonschema says against a text, nothing if it follows the schema. */
function complaints(schema: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'mpsbench-ci-')), 'example.yml');
  writeFileSync(file, text);
  const words = ['-m', 'check_jsonschema', '--builtin-schema', schema, '--no-cache', file];
  const { status, stdout, stderr } = spawnSync(python ?? '', words, { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}` || `exit status ${status}`;
}

it('has examples for each system', () => {
  for (const schema of Object.values(SCHEMAS)) {
    expect(EXAMPLES.filter((example) => example.schema === schema)).not.toEqual([]);
  }
});

describe.skipIf(!python)(`follow the schemas (${reason || 'check-jsonschema'})`, () => {
  test.each(EXAMPLES)('$name', ({ schema, text }) => {
    expect(complaints(schema, text)).toBe('');
  });

  test('action.yml', () => {
    const text = readFileSync(join(ROOT, 'action.yml'), 'utf8');
    expect(complaints('vendor.github-actions', text)).toBe('');
  });

  test('a mistake is found', () => {
    const [{ schema, text }] = EXAMPLES;
    expect(complaints(schema, text.replace('runs-on', 'run-on'))).not.toBe('');
  });
});

describe('commands of the pages about comparing', () => {
  const pages = ['compare', 'fleet', 'slurm', 'kubernetes', 'sweep', 'html'].map((name) => {
    return readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8');
  });
  const lines = [PAGE, ...pages]
    .join('\n')
    .replace(/>-\n\s+/g, ' ')
    .replace(/\n\s+(--github --junit)/g, ' $1')
    .split('\n')
    .flatMap((line) => /^\s*(?:- (?:run: )?)?\s*(?:\$ |npx )?mpsbench (.*)$/.exec(line)?.[1] ?? []);

  it('are there', () => expect(lines.length).toBeGreaterThan(24));

  test.each(lines)('mpsbench %s', (line) => {
    const words = line
      .replace(/\s+[#|].*$/, '')
      .trim()
      .split(/\s+/);
    // Behind -- is what each host of a fleet runs.
    const dashes = words.indexOf('--');
    expect(objectionTo(dashes < 0 ? words : words.slice(0, dashes))).toBeUndefined();
    if (dashes >= 0) expect(objectionTo(words.slice(dashes + 1))).toBeUndefined();
  });
});

it('the script of the action is valid bash', () => {
  execFileSync('bash', ['-n', join(ROOT, 'scripts', 'action', 'run.sh')]);
});

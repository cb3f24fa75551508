import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkWorkflow } from '../../../scripts/check/check-workflows.mjs';
import { PLATFORMS } from '../../../scripts/release/platforms.mjs';
import { objectionTo } from './objection.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = join(ROOT, '.github', 'workflows');
const FILES = readdirSync(FOLDER);

/** No YAML parser is among our packages: Python's is used if there is one. */
const hasYaml = spawnSync('python3', ['-c', 'import yaml']).status === 0;

interface Workflow {
  jobs: Record<
    string,
    { strategy?: { matrix: Record<string, unknown> }; steps?: { run?: string }[] }
  >;
}

function parse(text: string): Workflow {
  const script = 'import json,sys,yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)';
  return JSON.parse(execFileSync('python3', ['-c', script], { input: text }).toString());
}

const facts = { root: ROOT, objectionTo };

describe.skipIf(!hasYaml)('the workflows (skipped if python3 has no yaml module)', () => {
  test.each(FILES)('%s refers to what there is', (file) => {
    expect(checkWorkflow(parse(readFileSync(join(FOLDER, file), 'utf8')), facts)).toEqual([]);
  });

  test('every platform with a prebuilt package is built and tried', () => {
    const { jobs } = parse(readFileSync(join(FOLDER, 'packages.yml'), 'utf8'));
    for (const job of [jobs.addon, jobs.try]) {
      const include = job?.strategy?.matrix.include as { platform: string }[];
      expect(include.map(({ platform }) => platform).sort()).toEqual(
        PLATFORMS.map(({ id }) => id).sort(),
      );
    }
  });

  test('the Macs run the examples on their Metal device, next to the CPU', () => {
    const { jobs } = parse(readFileSync(join(FOLDER, 'ci.yml'), 'utf8'));
    expect(jobs.macos?.strategy?.matrix.image).toEqual(['macos-15', 'macos-26', 'macos-15-intel']);
    const commands = jobs.macos?.steps?.map(({ run }) => run ?? '').join('\n');
    expect(commands).toMatch(/bench all --preset example --device metal:0 --compare-cpu/);
  });
});

const expression = (text: string) => ['$', `{{ ${text} }}`].join('');

describe('a planted mistake is found', () => {
  const good = {
    'runs-on': expression('matrix.image'),
    'timeout-minutes': 5,
    strategy: { matrix: { image: ['macos-15'] } },
    steps: [{ uses: 'actions/checkout@v4' }, { run: 'npm test' }],
  };
  const check = (change: object) =>
    checkWorkflow({ jobs: { build: good, one: { ...good, ...change } } }, facts);
  const step = (run: string) => ({ steps: [{ run }] });

  test('none in this one', () => {
    expect(check({ needs: 'build' })).toEqual([]);
  });

  test.each([
    ['a job', { needs: ['built'] }, 'one: needs built, which is no job'],
    ['a runner', { 'runs-on': 'macos-8' }, 'one: runs on macos-8, which is no runner that we know'],
    ['no time limit', { 'timeout-minutes': undefined }, 'one: has no timeout-minutes'],
    [
      'a matrix name',
      step(`echo ${expression('matrix.imgae')}`),
      'one: matrix.imgae names nothing',
    ],
    ['a step', step(`echo ${expression('steps.a.outputs.b')}`), 'one: steps.a names nothing'],
    [
      'a context',
      step(`echo ${expression('matrx.image')}`),
      'one: matrx.image: there is no context matrx',
    ],
    ['an npm script', step('npm run bulid'), 'one: no npm script bulid'],
    ['a file', step('node scripts/none.mjs x'), 'one: scripts/none.mjs does not exist'],
    ['a command', step('npx mpsbench device'), 'one: mpsbench device: no command device'],
    ['a flag', step('npx mpsbench verify --jsn x'), 'one: mpsbench verify --jsn x: no flag --jsn'],
    [
      'a flag of a judged command',
      step(
        'true && node scripts/check/judged.mjs --image a --json b -- \\\n  bench all --presets c',
      ),
      'one: mpsbench bench all --presets c: no flag --presets',
    ],
    [
      'an action without version',
      { steps: [{ uses: 'actions/checkout' }] },
      'one: actions/checkout names no version',
    ],
    [
      'a workflow',
      { uses: './.github/workflows/none.yml' },
      'one: ./.github/workflows/none.yml does not exist',
    ],
  ])('%s', (_, change, defect) => {
    expect(check(change)).toContain(defect);
  });
});

/**
 * What a workflow of GitHub Actions refers to has to exist: jobs in `needs`, names in `matrix`,
 * `needs` and `steps` expressions, local workflows, npm scripts, files, and commands of mpsbench with
 * their flags. Syntax and types are actionlint's (CONTRIBUTING.md); this needs no network.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Labels of GitHub's hosted runners that our workflows may use. */
const RUNNERS = ['macos-15', 'macos-15-intel', 'macos-26', 'ubuntu-24.04', 'ubuntu-24.04-arm'];

/**
 * @param {object} workflow a parsed workflow file
 * @param {object} facts
 * @param {string} facts.root the checkout
 * @param {(words: string[]) => string | undefined} facts.objectionTo what is wrong with an
 *   mpsbench command line
 * @returns {string[]} one line per defect
 */
export function checkWorkflow(workflow, facts) {
  const jobs = Object.entries(workflow.jobs ?? {});
  if (jobs.length === 0) return ['there are no jobs'];
  return jobs.flatMap(([id, job]) =>
    [
      ...checkNeeds(job, workflow.jobs),
      ...(job.uses ? checkUses(job.uses, facts) : checkRunner(job)),
      ...checkExpressions(job),
      ...(job.steps ?? []).flatMap((step) => checkStep(step, facts)),
    ].map((defect) => `${id}: ${defect}`),
  );
}

const needsOf = (job) => [job.needs ?? []].flat();

function checkNeeds(job, jobs) {
  return needsOf(job)
    .filter((name) => !Object.hasOwn(jobs, name))
    .map((name) => `needs ${name}, which is no job`);
}

/** Every combination is not made: a name that one of them has is known. */
function matrixOf(job) {
  const { include = [], exclude: _exclude, ...lists } = job.strategy?.matrix ?? {};
  const values = new Map(Object.entries(lists));
  for (const entry of include) {
    for (const [name, value] of Object.entries(entry)) {
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  return values;
}

function checkRunner(job) {
  const label = job['runs-on'];
  if (label === undefined) return ['has neither runs-on nor uses'];
  const [, name] = /^\$\{\{ *matrix\.([\w-]+) *\}\}$/.exec(label) ?? [];
  const labels = name === undefined ? [label] : (matrixOf(job).get(name) ?? []);
  return [
    ...labels
      .filter((one) => !RUNNERS.includes(one))
      .map((one) => `runs on ${one}, which is no runner that we know`),
    ...(job['timeout-minutes'] === undefined ? ['has no timeout-minutes'] : []),
  ];
}

function checkUses(uses, { root }) {
  if (uses.startsWith('./')) return existsSync(join(root, uses)) ? [] : [`${uses} does not exist`];
  return /^[\w.-]+\/[\w./-]+@\S+$/.test(uses) ? [] : [`${uses} names no version`];
}

const KNOWN_CONTEXTS = ['github', 'secrets', 'env', 'runner', 'job', 'inputs', 'vars'];

function checkExpressions(job) {
  const matrix = matrixOf(job);
  const steps = (job.steps ?? []).flatMap(({ id }) => id ?? []);
  const known = { matrix: [...matrix.keys()], needs: needsOf(job), steps };
  const expressions = [...JSON.stringify(job).matchAll(/\$\{\{(.*?)\}\}/g)].map(([, text]) => text);
  return expressions.flatMap((text) =>
    // A property of a context; words in quotes are not names.
    [...text.replace(/'[^']*'/g, '').matchAll(/\b([a-z]+)\.([\w-]+)/g)].flatMap(
      ([whole, context, name]) => {
        if (KNOWN_CONTEXTS.includes(context)) return [];
        if (!Object.hasOwn(known, context)) return [`${whole}: there is no context ${context}`];
        return known[context].includes(name) ? [] : [`${whole} names nothing`];
      },
    ),
  );
}

function checkStep(step, facts) {
  if (step.uses) return checkUses(step.uses, facts);
  if (typeof step.run !== 'string') return ['a step has neither uses nor run'];
  return step.run
    .replace(/\\\n/g, ' ')
    .split(/\n|&&|;/)
    .flatMap((line) => checkCommand(line.trim(), facts));
}

/** Our own scripts and commands; what else a shell can do is not ours to know. */
function checkCommand(line, facts) {
  const words = line.replace(/^(\w+=("[^"]*"|\S*)\s+)*/, '').split(/\s+/);
  const [program, first, second] = words;
  const { root, objectionTo } = facts;
  if (program === 'npm') {
    const script = first === 'run' ? second : first === 'test' ? 'test' : undefined;
    return script === undefined || hasScript(root, script) ? [] : [`no npm script ${script}`];
  }
  if (program === 'npx') {
    if (first === 'mpsbench') return objectionsTo(words.slice(2), objectionTo);
    return existsSync(join(root, 'node_modules', '.bin', first)) ? [] : [`npx ${first}: not there`];
  }
  const file = program === 'node' ? first : program;
  if (!/^\.?[\w-]+\/[\w./-]+$/.test(file ?? '')) return [];
  if (!existsSync(join(root, file))) return [`${file} does not exist`];
  const dashes = words.indexOf('--');
  return file === JUDGED && dashes > 0 ? objectionsTo(words.slice(dashes + 1), objectionTo) : [];
}

/** It runs mpsbench with what follows `--`. */
const JUDGED = 'scripts/check/judged.mjs';

const objectionsTo = (words, objectionTo) => {
  const objection = objectionTo(words);
  return objection === undefined ? [] : [`mpsbench ${words.join(' ')}: ${objection}`];
};

const hasScript = (root, name) =>
  Object.hasOwn(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts, name);

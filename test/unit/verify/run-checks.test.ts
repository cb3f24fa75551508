import { describe, expect, test } from 'vitest';
import { MpsbenchError } from '../../../src/errors.js';
import type { Finding } from '../../../src/result/schema.js';
import { finding } from '../../../src/verify/finding.js';
import { CHECKS } from '../../../src/verify/registry.js';
import { exitCodeOf, runChecks } from '../../../src/verify/run-checks.js';
import { selectChecks } from '../../../src/verify/select-checks.js';
import type { Check, Group } from '../../../src/verify/types.js';
import { linuxVm } from '../../fakes/hosts.js';
import { scriptedContext } from '../../fakes/verify-context.js';

/** A check that is scripted: what it finds, or how it fails. */
function scripted(
  id: string,
  outcome: Finding['state'] | (() => Promise<never>),
  { group = 'system', applies = true }: { group?: Group; applies?: boolean } = {},
): Check {
  const check: Check = {
    id,
    group,
    title: `scripted ${id}`,
    sources: ['a script'],
    applies: () => applies,
    run: async () =>
      typeof outcome === 'function' ? outcome() : [finding(check, outcome, `${id} is scripted`)],
  };
  return check;
}

const context = () => scriptedContext(linuxVm);
const brief = (findings: readonly Finding[]) => findings.map((f) => `${f.check} ${f.state}`);

test('findings follow the order of the groups, whatever runs first', async () => {
  const { findings } = await runChecks(
    [
      scripted('p', 'pass', { group: 'probe' }),
      scripted('f', 'fail', { group: 'frameworks' }),
      scripted('c', 'pass', { group: 'compute' }),
      scripted('s', 'warning'),
      scripted('d', 'pass', { group: 'devices' }),
    ],
    context(),
  );
  expect(brief(findings)).toEqual(['s warning', 'd pass', 'c pass', 'f fail', 'p pass']);
});

test('a check that throws is not checked, and the others continue', async () => {
  const { findings, defect } = await runChecks(
    [
      scripted('lost', async () => {
        throw new MpsbenchError('device_lost', 'The device was lost.', 'Plug it in again.');
      }),
      scripted('other', 'pass'),
    ],
    context(),
  );
  expect(findings[0]).toMatchObject({
    state: 'unchecked',
    message: 'The device was lost.',
    fixes: [{ text: 'Plug it in again.' }],
  });
  expect(findings[1].state).toBe('pass');
  expect(defect).toBe(false);
});

test('an internal error keeps the other findings, and sets the exit code', async () => {
  const run = await runChecks(
    [
      scripted('broken', async () => {
        throw new TypeError('x is not a function');
      }),
      scripted('other', 'fail'),
    ],
    context(),
  );
  expect(brief(run.findings)).toEqual(['broken unchecked', 'other fail']);
  expect(exitCodeOf(run, { strict: false })).toBe(70);
});

test('inapplicable checks are left out, except those that were named', async () => {
  const checks = [
    scripted('other', 'pass'),
    scripted('mac', 'pass', { applies: false }),
    scripted('ask', 'pass', { applies: false, group: 'probe' }),
  ];
  expect(brief((await runChecks(checks, context())).findings)).toEqual(['other pass']);
  const { findings } = await runChecks(checks, context(), { named: new Set(['mac', 'ask']) });
  expect(brief(findings)).toEqual(['other pass', 'mac unchecked', 'ask unchecked']);
  expect(findings[2].fixes[0].command).toBe('mpsbench verify --probe ask');
});

test('a named group says so if none of its checks applies', async () => {
  const checks = [
    scripted('here', 'pass'),
    scripted('mac', 'pass', { applies: false }),
    scripted('ask', 'pass', { applies: false, group: 'probe' }),
  ];
  const named = new Set(['system', 'probe']);
  const { findings } = await runChecks(checks, context(), { named });
  expect(brief(findings)).toEqual(['here pass', 'ask unchecked']);
});

test('a verification without findings is not a pass', async () => {
  const none = await runChecks([scripted('mac', 'pass', { applies: false })], context());
  expect(brief(none.findings)).toEqual(['mac unchecked']);
  const silent = { findings: [], interrupted: false, defect: false };
  expect(exitCodeOf(silent, { strict: false })).toBe(2);
});

test('an interruption keeps what was found, and does not wait for what hangs', async () => {
  const controller = new AbortController();
  const run = runChecks(
    [scripted('quick', 'fail'), scripted('hangs', () => new Promise<never>(() => {}))],
    scriptedContext(linuxVm, { signal: controller.signal }),
    { onStart: ({ id }) => id === 'hangs' && setTimeout(() => controller.abort(), 5) },
  );
  const result = await run;
  expect(brief(result.findings)).toEqual(['quick fail']);
  expect(exitCodeOf(result, { strict: true })).toBe(130);
});

describe('the exit code', () => {
  const codeOf = async (states: Finding['state'][], strict = false) =>
    exitCodeOf(
      await runChecks(
        states.map((s, i) => scripted(`c${i}`, s)),
        context(),
      ),
      { strict },
    );

  test.each([
    [['pass'], 0, 0],
    [['not-applicable'], 0, 0],
    [['not-applicable', 'unchecked'], 2, 2],
    [['pass', 'warning'], 0, 1],
    [['warning', 'unchecked'], 2, 1],
    [['unchecked', 'pass'], 2, 2],
    [['unchecked', 'fail', 'warning'], 1, 1],
  ] as [Finding['state'][], number, number][])(
    '%j: %i, strict %i',
    async (states, code, strict) => {
      expect(await codeOf(states)).toBe(code);
      expect(await codeOf(states, true)).toBe(strict);
    },
  );
});

describe('the choice of checks', () => {
  const all = [
    scripted('system.power', 'pass'),
    scripted('system.thermal', 'pass'),
    scripted('compute.physics', 'pass', { group: 'compute' }),
  ];
  const ids = (...args: [string[], string[]?]) =>
    selectChecks(args[0], args[1] ?? [], {}, all).checks.map(({ id }) => id.split('.')[1]);

  test('by id, by group, by comma, less what is skipped', () => {
    expect(ids([])).toEqual(['power', 'thermal', 'physics']);
    expect(ids(['physics', 'power'])).toEqual(['power', 'physics']);
    expect(ids(['compute,system.thermal'])).toEqual(['thermal', 'physics']);
    expect(ids(['system'], ['power'])).toEqual(['thermal']);
    expect(ids([], ['system'])).toEqual(['physics']);
    const { named } = selectChecks(['compute', 'power'], [], {}, all);
    expect([...named]).toEqual(['compute', 'system.power']);
  });

  test('the probes of the frameworks that are named, with --probe', () => {
    const frameworks = [
      scripted('frameworks.pytorch', 'pass', { group: 'frameworks' }),
      scripted('frameworks.numpy', 'pass', { group: 'frameworks' }),
      scripted('probe.pytorch', 'pass', { group: 'probe' }),
      scripted('probe.jax', 'pass', { group: 'probe' }),
    ];
    const chosen = (name: string, probe: boolean) =>
      selectChecks([name], [], { probe }, frameworks).checks.map(({ id }) => id);
    expect(chosen('frameworks', true)).toHaveLength(4);
    expect(chosen('frameworks', false)).toEqual(['frameworks.pytorch', 'frameworks.numpy']);
    expect(chosen('frameworks.pytorch', true)).toEqual(['frameworks.pytorch', 'probe.pytorch']);
    expect(chosen('frameworks.numpy', true)).toEqual(['frameworks.numpy']);
  });

  test('an unknown name, and a choice that leaves nothing', () => {
    expect(() => ids(['powr'])).toThrow('Unknown check: powr. Did you mean "power"?');
    expect(() => ids([], ['comput'])).toThrow(
      '--skip: unknown check: comput. Did you mean "compute"?',
    );
    expect(() => ids([''])).toThrow('Unknown check: "".');
    expect(() => ids(['power'], ['power'])).toThrow('No check is left to run.');
  });
});

test('every check has a unique id, a title, and sources', () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  for (const { id, group, title, sources } of CHECKS) {
    expect(id.startsWith(`${group}.`)).toBe(true);
    expect(id).toMatch(/^(system|devices|compute|frameworks|probe)\.[a-z][a-z0-9-]+$/);
    expect(title.length).toBeGreaterThan(10);
    expect(sources.length).toBeGreaterThan(0);
  }
});

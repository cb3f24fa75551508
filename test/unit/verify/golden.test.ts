import { Chalk } from 'chalk';
import { beforeAll, describe, expect, it } from 'vitest';
import { readHost } from '../../../src/host/index.js';
import { renderAs, renderTable } from '../../../src/report/registry.js';
import { displayWidth } from '../../../src/report/text.js';
import { resultSchema, type VerifyResult } from '../../../src/result/schema.js';
import { makeComputeChecks } from '../../../src/verify/compute/index.js';
import { CHECKS } from '../../../src/verify/registry.js';
import { exitCodeOf, runChecks } from '../../../src/verify/run-checks.js';
import { goodTrial } from '../../fakes/trials.js';
import { type VerifiedMachine, verifiedMachines } from '../../fakes/verified-machines.js';
import { scriptedContext } from '../../fakes/verify-context.js';

/** A disputed pair only warns; NumPy 2 beside PyTorch 2.2 fails. */
const EXIT_CODES = {
  'verify-healthy-m3': 0,
  'verify-metal-pair': 0,
  'verify-metal-mismatch': 0,
  'verify-rosetta-python': 1,
  'verify-h200': 0,
  'verify-no-gpu': 2,
} as const satisfies Record<keyof typeof verifiedMachines, number>;

const plain = new Chalk({ level: 0 });

/** Every check that reads, and the compute checks on devices that are scripted to be right. */
async function verify({ source, backends, devices, python }: VerifiedMachine) {
  const trials = devices.map((device) => goodTrial(device));
  const checks = [
    ...CHECKS.filter(({ group }) => group !== 'compute' && group !== 'probe'),
    ...makeComputeChecks(async () => trials),
  ];
  const context = scriptedContext(source, { backends, devices, python });
  const verification = await runChecks(checks, context);
  const result: VerifyResult = {
    schema: 2,
    tool: { name: 'mpsbench', version: '0.1.0' },
    reproduce: 'mpsbench verify',
    startedAt: '2026-11-23T10:20:30.000Z',
    seconds: 1.5,
    command: 'verify',
    exitCode: exitCodeOf(verification, { strict: false }),
    host: await readHost(source),
    backends: [...backends],
    devices: JSON.parse(JSON.stringify(devices)),
    warnings: [],
    findings: [...verification.findings],
  };
  return result;
}

describe.each(Object.entries(verifiedMachines))('%s', (name, machine) => {
  let result: VerifyResult;
  beforeAll(async () => {
    result = await verify(machine);
  });

  it('follows the schema', () => {
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });

  it.each([80, 120])('matches its golden file in %i columns', async (width) => {
    const text = await renderTable(result, { colour: plain, width });
    await expect(text).toMatchFileSnapshot(`../../golden/${name}.${width}.txt`);
  });

  it.each([44, 60, 80, 100, 160])('stays within %i columns, except commands', async (width) => {
    const lines = (await renderTable(result, { colour: plain, width })).split('\n');
    const isCommand = (line: string) => line.trimStart().startsWith('$ ');
    expect(lines.filter((line) => displayWidth(line) > width && !isCommand(line))).toEqual([]);
  });

  it.each([
    ['csv', 'csv'],
    ['markdown', 'md'],
  ] as const)('reads well as %s', async (format, extension) => {
    const text = await renderAs(format, result, { colour: plain, width: 80 });
    await expect(text).toMatchFileSnapshot(`../../golden/${name}.${extension}`);
  });

  it('exits with the code for its findings', () => {
    expect(result.exitCode).toBe(EXIT_CODES[name as keyof typeof EXIT_CODES]);
  });

  it('says what to do wherever something is wrong', () => {
    const wrong = result.findings.filter(({ state }) => state === 'fail' || state === 'warning');
    for (const { check, group, message, fixes, sources } of wrong) {
      // A rule of the table may have no mend but what its sentence says.
      if (group !== 'frameworks') expect(fixes, `${check}: ${message}`).not.toEqual([]);
      expect(sources).not.toEqual([]);
    }
  });
});

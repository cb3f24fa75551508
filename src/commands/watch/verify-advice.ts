import { isCpuDevice } from '../../result/framework-devices.js';
import type { Finding, Warning, WatchRecord } from '../../result/schema.js';
import { runChecks } from '../../verify/run-checks.js';
import { checkNames, selectChecks } from '../../verify/select-checks.js';
import type { VerifyContext } from '../../verify/types.js';
import { Machine } from '../verify/machine.js';

type Watched = Pick<WatchRecord, 'verdict' | 'frameworks' | 'findings'>;

/** Reading metadata takes no longer. */
const LIMIT_S = 30;

/** A machine that is asked about these interpreters. */
type MachineWith = (python: readonly string[], signal: AbortSignal) => VerifyContext;

const thisMachine: MachineWith = (python, signal) =>
  new Machine({ timeout: LIMIT_S, python: [...python] }, signal);

/**
 * The findings of a run, with what `mpsbench verify` knows of each framework that reached no GPU in the Python that was
 * used: the wrong wheel, a missing plugin, with the command that fixes it. Only metadata is read.
 */
export async function withVerifyAdvice(
  { verdict, frameworks, findings }: Watched,
  signal: AbortSignal,
  machineWith: MachineWith = thisMachine,
): Promise<readonly Warning[]> {
  const unreached = frameworks.filter(
    ({ devices, availableDevices }) => availableDevices.length === 0 && devices.every(isCpuDevice),
  );
  if (verdict.state === 'used' || unreached.length === 0) return findings;
  const all = await Promise.all(
    unreached.map((own) => frameworkFindings(own, signal, machineWith)),
  );
  const found = all.flat();
  if (found.length === 0) return findings;
  return [...found, ...findings.filter(({ name }) => name !== 'framework-without-gpu')];
}

async function frameworkFindings(
  { framework, interpreters }: WatchRecord['frameworks'][number],
  signal: AbortSignal,
  machineWith: MachineWith,
): Promise<Warning[]> {
  const name = `frameworks.${framework}`;
  if (!checkNames().includes(name) || interpreters.length === 0) return [];
  const machine = machineWith(interpreters, signal);
  const { checks, named } = selectChecks([name], []);
  const { findings } = await runChecks(checks, machine, { named });
  return findings.filter(isProblem).map(({ check, message, fixes }) => ({
    name: check,
    message,
    advice: fixes
      .map(({ text, command }) => (command === undefined ? text : `${text} ${command}`))
      .join(' '),
  }));
}

/** Of the interpreters that were asked about, not of others on this machine. */
const isProblem = ({ state, details }: Finding) =>
  (state === 'fail' || state === 'warning') && details?.origin === '--python';

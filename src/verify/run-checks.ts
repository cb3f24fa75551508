import { MpsbenchError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Finding } from '../result/schema.js';
import { finding, fix } from './finding.js';
import { type Check, GROUPS, type Group, startsInterpreters, type VerifyContext } from './types.js';

/**
 * Which groups run at the same time. Compute waits for all that only reads, since it measures times;
 * a started interpreter may use the same GPU, so probes come after it.
 */
const PHASES: readonly (readonly Group[])[] = [
  ['system', 'devices', 'frameworks'],
  ['compute'],
  ['probe'],
];

/** Phases whose checks only read run theirs at once; the others one after another. */
const PARALLEL_PHASE = PHASES[0];

export interface Verification {
  /** In the order of the groups, then of the checks. */
  readonly findings: readonly Finding[];
  /** Ctrl-C came before every check was done. */
  readonly interrupted: boolean;
  /** A check failed because of a bug in mpsbench; one of its findings says so. */
  readonly defect: boolean;
}

export interface RunOptions {
  /** What the user named: each of these checks and groups gives a finding, even where none applies. */
  readonly named?: ReadonlySet<string>;
  onStart?(check: Check): void;
}

/**
 * Runs the checks that apply. One that fails to run becomes a finding, and the others continue; an
 * interruption keeps what was found until then.
 * @throws MpsbenchError `usage` for an environment that mpsbench itself cannot read
 */
export async function runChecks(
  checks: readonly Check[],
  context: VerifyContext,
  options: RunOptions = {},
): Promise<Verification> {
  const found = new Map<Check, readonly Finding[]>();
  const { named = new Set<string>() } = options;
  const applicable = checks.filter((check) => check.applies(context));
  // Silence is not good news: a verification without findings says why.
  const mustSpeak = ({ id, group }: Check) =>
    named.has(id) ||
    applicable.length === 0 ||
    (named.has(group) && !applicable.some((other) => other.group === group));
  let defect = false;
  const runOne = async (check: Check): Promise<void> => {
    if (context.signal.aborted) return;
    if (!applicable.includes(check)) {
      if (mustSpeak(check)) found.set(check, [notApplicable(check, context)]);
      return;
    }
    options.onStart?.(check);
    try {
      const findings = await check.run(context);
      defect ||= findings.some(({ details }) => details?.error === 'internal');
      const isSilent = findings.length === 0 && mustSpeak(check);
      found.set(check, isSilent ? [notApplicable(check, context)] : findings);
    } catch (error) {
      const failure = MpsbenchError.from(error);
      if (failure.code === 'interrupted') return;
      if (failure.code === 'usage') throw failure;
      defect ||= failure.code === 'internal';
      found.set(check, [uncheckable(check, failure)]);
    }
  };
  const runAll = async () => {
    for (const phase of PHASES) {
      const due = checks.filter(({ group }) => phase.includes(group));
      if (phase === PARALLEL_PHASE) await Promise.all(due.map(runOne));
      else for (const check of due) await runOne(check);
    }
  };
  await untilAborted(runAll(), context.signal);
  const ordered = [...checks].sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group));
  return {
    findings: ordered.flatMap((check) => found.get(check) ?? []),
    interrupted: context.signal.aborted,
    defect,
  };
}

/** What `mpsbench verify` exits with. */
export function exitCodeOf(
  { findings, interrupted, defect }: Verification,
  { strict }: { readonly strict: boolean },
): ExitCode {
  if (interrupted) return EXIT.interrupted;
  if (defect) return EXIT.internal;
  const has = (state: Finding['state']) => findings.some((one) => one.state === state);
  if (has('fail') || (strict && has('warning'))) return EXIT.finding;
  return has('unchecked') || findings.length === 0 ? EXIT.unchecked : EXIT.ok;
}

/** A reading check ignores Ctrl-C: it is not waited for. */
function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = () => resolve();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function uncheckable(check: Check, { message, advice }: MpsbenchError): Finding {
  return finding(check, 'unchecked', message, { fixes: advice ? [fix(advice)] : [] });
}

function notApplicable(check: Check, { probe }: VerifyContext): Finding {
  if (!startsInterpreters(check) || probe) {
    return finding(check, 'unchecked', `Not applicable to this machine: ${check.title}.`);
  }
  return finding(check, 'unchecked', 'Not run: it starts Python interpreters.', {
    fixes: [fix('Run it.', `mpsbench verify --probe ${check.id}`)],
    sources: [],
  });
}

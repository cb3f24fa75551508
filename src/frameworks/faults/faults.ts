import type { Finding } from '../../result/schema.js';
import type { Asked, ChildEnd, PythonError } from './asked.js';
import {
  FAULT_RULES,
  type FaultRule,
  type FaultRuleId,
  NAME_ONE,
  type Subject,
} from './fault-rules.js';
import type { RuleFix } from './fix.js';
import { matchImportRule } from './import-rules.js';

/** Why there is no usable answer. */
export interface Fault {
  /** `fail`: the framework is broken here. `unchecked`: it could not be asked. */
  readonly state: Extract<Finding['state'], 'fail' | 'unchecked'>;
  readonly rule: string;
  readonly message: string;
  readonly fixes: readonly RuleFix[];
  readonly sources: readonly string[];
}

/** What went wrong; undefined where there is an answer, whatever came after it. */
export function findFault(asked: Asked, subject: Subject): Fault | undefined {
  const { answer, end } = asked;
  if (answer.state === 'result') return undefined;
  if (answer.state === 'error') return fromError(answer.error, asked, subject);
  if (answer.stage === undefined) return notPython(asked, subject);
  const about = `${subject.title} ${shortened(answer.stage)}`;
  switch (end.state) {
    case 'timed_out':
      return fault(
        'unchecked',
        'probe.hang',
        `${about} did not end within ${end.seconds} s.`,
        subject,
      );
    case 'flooded':
      return flooded(about, end, subject);
    case 'killed':
      return fromSignal(about, end.signal, asked, subject);
    case 'exited':
      return fromExit(about, end.code, asked, subject);
    case 'not_started':
      return notPython(asked, subject);
  }
}

/** A fault that shows on stderr although there is an answer: NumPy's warning about its ABI. */
export function findWarning({ stderr }: Asked, subject: Subject): Fault | undefined {
  const known = matchImportRule(stderr);
  return known?.rule.id === 'import.numpy-abi' ? fromRule(stderr, subject) : undefined;
}

/** An answer that is none of our scripts', or that a release has brought about that we do not know. */
export function unknownAnswer(subject: Subject): Fault {
  return fault(
    'unchecked',
    'probe.unknown-answer',
    `${subject.title} answered in a form that mpsbench does not know.`,
    subject,
  );
}

const isImport = (stage: string) => stage === 'start' || stage === 'import';

function fromError(error: PythonError, { stderr }: Asked, subject: Subject): Fault {
  const what = `${error.type}: ${firstLine(error.message)}`;
  if (!isImport(error.stage)) {
    const message = `${subject.title} ${shortened(error.stage)} failed: ${what}`;
    return fault('fail', 'probe.error', message, subject);
  }
  return (
    fromRule(`${error.message}\n${error.traceback}`, subject) ??
    fromRule(stderr, subject) ??
    fault('fail', 'import.other', `${subject.title} cannot be imported: ${what}`, subject)
  );
}

function fromRule(text: string, subject: Subject): Fault | undefined {
  const known = matchImportRule(text);
  if (!known) return undefined;
  const { rule, match } = known;
  const { distribution } = subject;
  return {
    state: 'fail',
    rule: rule.id,
    message: `${subject.title}: ${rule.describe(match)}`,
    fixes: distribution === undefined ? [] : rule.fixes(distribution, match),
    sources: rule.sources,
  };
}

/** What each signal says of a process that nobody else has killed. */
function fromSignal(
  about: string,
  signal: NodeJS.Signals,
  { stderr }: Asked,
  subject: Subject,
): Fault {
  switch (signal) {
    case 'SIGILL':
      return fault(
        'fail',
        'probe.illegal-instruction',
        `${about} crashed with an illegal instruction (SIGILL): it is built for a newer CPU, or for Intel with AVX and run under Rosetta.`,
        subject,
      );
    case 'SIGKILL':
      return fault(
        'fail',
        'probe.killed',
        `${about} was killed (SIGKILL): out of memory, or macOS refused a library's signature.`,
        subject,
      );
    default: {
      // Libraries name the failed assertion before they abort.
      const said = fromRule(stderr, subject);
      if (said) return said;
      const last = lastLine(stderr);
      const quote = signal === 'SIGABRT' && last ? ` It last said: ${last}` : '';
      return fault('fail', 'probe.crash', `${about} crashed with ${signal}.${quote}`, subject);
    }
  }
}

function fromExit(about: string, code: number, { stderr }: Asked, subject: Subject): Fault {
  const known = fromRule(stderr, subject);
  if (known) return known;
  const last = lastLine(stderr);
  return fault(
    'fail',
    'probe.no-answer',
    `${about} ended with exit code ${code} before it answered.${last ? ` It last said: ${last}` : ''}`,
    subject,
  );
}

function flooded(
  about: string,
  { stream, bytes }: Extract<ChildEnd, { state: 'flooded' }>,
  subject: Subject,
): Fault {
  return fault(
    'unchecked',
    'probe.flood',
    `${about} was stopped: it wrote more than ${bytes / 2 ** 20} MiB to ${stream}.`,
    subject,
  );
}

/** Not a line of our script was run. */
function notPython({ end, stdout, stderr }: Asked, subject: Subject): Fault {
  const { interpreter } = subject;
  const said = lastLine(stderr) || lastLine(stdout);
  const quote = said ? ` It said: ${said}` : '';
  const unchecked = (rule: FaultRuleId, message: string) =>
    fault('unchecked', rule, message, subject);
  switch (end.state) {
    case 'not_started':
      return unchecked(
        'probe.not-started',
        `${interpreter} cannot be started: ${REASONS[end.reason] ?? end.reason}.`,
      );
    case 'timed_out':
      return fault(
        'unchecked',
        'probe.hang',
        `${interpreter} did not answer within ${end.seconds} s: it hangs at its start, or it is not a Python.${quote}`,
        subject,
        [NAME_ONE],
      );
    case 'flooded':
      return flooded(`${interpreter}, which may not be a Python,`, end, subject);
    case 'killed':
      return fault(
        'fail',
        end.signal === 'SIGILL' ? 'probe.illegal-instruction' : 'probe.crash',
        `${interpreter} crashed at its start with ${end.signal}.${quote}`,
        subject,
        [{ text: 'Install this Python again, for the architecture of this machine.' }, NAME_ONE],
      );
    case 'exited':
      return unchecked(
        'probe.not-python',
        `${interpreter} is no working Python 3: it ended with exit code ${end.code}.${quote}`,
      );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is gone, or what it needs to start is (a broken link, a missing loader)',
  EACCES: 'it may not be executed',
  ENOEXEC: 'it is no program',
  EBADARCH: 'it is built for another processor',
  ENOTDIR: 'its folder is gone',
  placeholder: "it is Apple's placeholder, and the Command Line Tools are missing",
};

function fault(
  state: Fault['state'],
  rule: FaultRuleId,
  message: string,
  subject: Subject,
  fixes?: readonly RuleFix[],
): Fault {
  const { fixes: usual, sources = [] }: FaultRule = FAULT_RULES[rule];
  return { state, rule, message, fixes: fixes ?? usual(subject), sources };
}

const firstLine = (text: string) => shortened(text.trim().split('\n')[0] ?? '');

/** The last line that mpsbench did not write. */
function lastLine(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('@mpsbench'));
  return shortened(lines.at(-1)?.trim() ?? '');
}

const shortened = (line: string) => (line.length > 300 ? `${line.slice(0, 300)} …` : line);

import type { Finding } from '../../result/schema.js';
import { shellWord } from '../../text/shell-word.js';
import type { Asked, ChildEnd, PythonError } from './asked.js';
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

export interface Subject {
  readonly interpreter: string;
  /** What was asked, for messages: `TensorFlow`, `Python`. */
  readonly title: string;
  /** Of a framework: its module, and the distribution that holds it. */
  readonly module?: string;
  readonly distribution?: string;
}

const DOCS = 'https://docs.python.org/3/using/cmdline.html';

/** What went wrong; undefined where there is an answer, whatever came after it. */
export function findFault(asked: Asked, subject: Subject): Fault | undefined {
  const { answer, end } = asked;
  if (answer.state === 'result') return undefined;
  if (answer.state === 'error') return fromError(answer.error, asked, subject);
  if (answer.stage === undefined) return notPython(asked, subject);
  const about = `${subject.title} ${shortened(answer.stage)}`;
  switch (end.state) {
    case 'timed_out':
      return fault('unchecked', 'probe.hang', `${about} did not end within ${end.seconds} s.`, [
        { text: 'Give it longer.', command: 'mpsbench verify --probe --timeout 300' },
        {
          text: 'If it hangs every time, start it yourself: Ctrl-C then shows where it is.',
          command: importCommand(subject),
        },
      ]);
    case 'flooded':
      return flooded(about, end);
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
export function unknownAnswer({ title }: Subject): Fault {
  return fault(
    'unchecked',
    'probe.unknown-answer',
    `${title} answered in a form that mpsbench does not know.`,
    [{ text: 'Please report it with the version of this package; a newer mpsbench may know it.' }],
  );
}

const isImport = (stage: string) => stage === 'start' || stage === 'import';

function fromError(error: PythonError, { stderr }: Asked, subject: Subject): Fault {
  const what = `${error.type}: ${firstLine(error.message)}`;
  const whole: RuleFix = { text: 'See the whole error.', command: importCommand(subject) };
  if (!isImport(error.stage)) {
    const message = `${subject.title} ${shortened(error.stage)} failed: ${what}`;
    return fault('fail', 'probe.error', message, [whole]);
  }
  return (
    fromRule(`${error.message}\n${error.traceback}`, subject) ??
    fromRule(stderr, subject) ??
    fault('fail', 'import.other', `${subject.title} cannot be imported: ${what}`, [whole])
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
  const again = {
    text: 'See where it crashes.',
    command: pythonCommand(subject, '-X faulthandler'),
  };
  const update: RuleFix[] =
    subject.distribution === undefined
      ? []
      : [
          {
            text: 'Install it again; a crash that stays is a bug in it or in the driver.',
            pip: ['--force-reinstall', subject.distribution],
          },
        ];
  switch (signal) {
    case 'SIGILL':
      return fault(
        'fail',
        'probe.illegal-instruction',
        `${about} crashed with an illegal instruction (SIGILL): it is built for a newer CPU, or for Intel with AVX and run under Rosetta.`,
        [
          { text: 'On Apple silicon, make the environment again with an arm64 Python.' },
          { text: 'On an old CPU, install a build without AVX, for example of conda-forge.' },
        ],
        [
          'https://github.com/tensorflow/tensorflow/issues/17411',
          'https://github.com/apple/tensorflow_macos/issues/65',
        ],
      );
    case 'SIGKILL':
      return fault(
        'fail',
        'probe.killed',
        `${about} was killed (SIGKILL): out of memory, or macOS refused a library's signature.`,
        [{ text: 'Close other programs and try again; else install it again.' }],
      );
    default: {
      // Libraries name the failed assertion before they abort.
      const said = fromRule(stderr, subject);
      if (said) return said;
      const last = lastLine(stderr);
      const quote = signal === 'SIGABRT' && last ? ` It last said: ${last}` : '';
      return fault('fail', 'probe.crash', `${about} crashed with ${signal}.${quote}`, [
        again,
        ...update,
      ]);
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
    [{ text: 'See what it says.', command: importCommand(subject) }],
  );
}

function flooded(about: string, { stream, bytes }: Extract<ChildEnd, { state: 'flooded' }>): Fault {
  return fault(
    'unchecked',
    'probe.flood',
    `${about} was stopped: it wrote more than ${bytes / 2 ** 20} MiB to ${stream}.`,
    [{ text: 'Find what prints so much, for example a sitecustomize.py or a .pth file.' }],
  );
}

/** Not a line of our script was run. */
function notPython({ end, stdout, stderr }: Asked, { interpreter }: Subject): Fault {
  const choose = { text: 'Name an interpreter.', command: 'mpsbench verify --probe --python PATH' };
  const said = lastLine(stderr) || lastLine(stdout);
  const quote = said ? ` It said: ${said}` : '';
  const unchecked = (rule: string, message: string) =>
    fault('unchecked', rule, message, [choose], [DOCS]);
  switch (end.state) {
    case 'not_started':
      return unchecked(
        'probe.not-started',
        `${interpreter} cannot be started: ${REASONS[end.reason] ?? end.reason}.`,
      );
    case 'timed_out':
      return unchecked(
        'probe.hang',
        `${interpreter} did not answer within ${end.seconds} s: it hangs at its start, or it is not a Python.${quote}`,
      );
    case 'flooded':
      return flooded(`${interpreter}, which may not be a Python,`, end);
    case 'killed':
      return fault(
        'fail',
        end.signal === 'SIGILL' ? 'probe.illegal-instruction' : 'probe.crash',
        `${interpreter} crashed at its start with ${end.signal}.${quote}`,
        [{ text: 'Install this Python again, for the architecture of this machine.' }, choose],
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
  rule: string,
  message: string,
  fixes: readonly RuleFix[],
  sources: readonly string[] = [],
): Fault {
  return { state, rule, message, fixes, sources };
}

function pythonCommand({ interpreter, module }: Subject, flags: string): string {
  return `${shellWord(interpreter)} ${flags} -c '${module ? `import ${module}` : 'pass'}'`;
}

const importCommand = (subject: Subject) => pythonCommand(subject, '-E');

const firstLine = (text: string) => shortened(text.trim().split('\n')[0] ?? '');

/** The last line that mpsbench did not write. */
function lastLine(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('@mpsbench'));
  return shortened(lines.at(-1)?.trim() ?? '');
}

const shortened = (line: string) => (line.length > 300 ? `${line.slice(0, 300)} …` : line);

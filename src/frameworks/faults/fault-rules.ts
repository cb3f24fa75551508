import { shellWord } from '../../text/shell-word.js';
import type { RuleFix } from './fix.js';

/** Who gave no usable answer. */
export interface Subject {
  readonly interpreter: string;
  /** What was asked, for messages: `TensorFlow`, `Python`. */
  readonly title: string;
  /** Of a framework: its module, and the distribution that holds it. */
  readonly module?: string;
  readonly distribution?: string;
}

/** A way in which an interpreter or a framework fails, whatever it says itself. */
export interface FaultRule {
  readonly text: string;
  readonly when: string;
  fixes(subject: Subject): readonly RuleFix[];
  readonly sources?: readonly string[];
}

const PYTHON_DOCS = ['https://docs.python.org/3/using/cmdline.html'];

/** For what is not a working Python. */
export const NAME_ONE: RuleFix = {
  text: 'Name an interpreter.',
  command: 'mpsbench verify --probe --python PATH',
};

export const FAULT_RULES = {
  'import.other': {
    text: 'The framework cannot be imported, for a reason that no other rule knows.',
    when: 'the import raises an error',
    fixes: (subject) => [wholeError(subject)],
  },
  'probe.error': {
    text: 'The framework was imported and failed later.',
    when: 'an example or a question raises an error',
    fixes: (subject) => [wholeError(subject)],
  },
  'probe.hang': {
    text: 'The interpreter or the framework did not answer in time.',
    when: 'there is no answer within --timeout',
    fixes: (subject) => [
      { text: 'Give it longer.', command: 'mpsbench verify --probe --timeout 300' },
      {
        text: 'If it hangs every time, start it yourself: Ctrl-C then shows where it is.',
        command: importCommand(subject),
      },
    ],
  },
  'probe.illegal-instruction': {
    text: 'It is built for a newer CPU, or for Intel with AVX and run under Rosetta.',
    when: 'the process ends with SIGILL',
    fixes: () => [
      { text: 'On Apple silicon, make the environment again with an arm64 Python.' },
      { text: 'On an old CPU, install a build without AVX, for example of conda-forge.' },
    ],
    sources: [
      'https://github.com/tensorflow/tensorflow/issues/17411',
      'https://github.com/apple/tensorflow_macos/issues/65',
    ],
  },
  'probe.killed': {
    text: "The system ran out of memory, or macOS refused a library's signature.",
    when: 'the process ends with SIGKILL',
    fixes: () => [{ text: 'Close other programs and try again; else install it again.' }],
  },
  'probe.crash': {
    text: 'The interpreter or the framework crashed.',
    when: 'the process ends with another signal, for example SIGSEGV or SIGABRT',
    fixes: (subject) => [
      { text: 'See where it crashes.', command: pythonCommand(subject, '-X faulthandler') },
      ...(subject.distribution === undefined
        ? []
        : [
            {
              text: 'Install it again; a crash that stays is a bug in it or in the driver.',
              pip: ['--force-reinstall', subject.distribution],
            },
          ]),
    ],
  },
  'probe.no-answer': {
    text: 'The framework ended the process before it answered.',
    when: 'the process exits without an answer',
    fixes: (subject) => [{ text: 'See what it says.', command: importCommand(subject) }],
  },
  'probe.flood': {
    text: 'It printed so much that it was stopped.',
    when: 'more is written to stdout or stderr than any framework prints',
    fixes: () => [
      { text: 'Find what prints so much, for example a sitecustomize.py or a .pth file.' },
    ],
  },
  'probe.not-started': {
    text: 'The interpreter cannot be started.',
    when: 'the system refuses to run it: it is gone, not executable, or for another processor',
    fixes: () => [NAME_ONE],
    sources: PYTHON_DOCS,
  },
  'probe.not-python': {
    text: 'The interpreter is no working Python 3.',
    when: 'it ends, or prints, without having run any of our script',
    fixes: () => [NAME_ONE],
    sources: PYTHON_DOCS,
  },
  'probe.unknown-answer': {
    text: 'The framework answered in a form that mpsbench does not know.',
    when: 'the answer lacks something that every release known to mpsbench gives',
    fixes: () => [
      {
        text: 'Please report it with the version of this package; a newer mpsbench may know it.',
      },
    ],
  },
} as const satisfies Readonly<Record<string, FaultRule>>;

export type FaultRuleId = keyof typeof FAULT_RULES;

function wholeError(subject: Subject): RuleFix {
  return { text: 'See the whole error.', command: importCommand(subject) };
}

function importCommand(subject: Subject): string {
  return pythonCommand(subject, '-E');
}

function pythonCommand({ interpreter, module }: Subject, flags: string): string {
  return `${shellWord(interpreter)} ${flags} -c '${module ? `import ${module}` : 'pass'}'`;
}

import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import { findFault, unknownAnswer } from '../../frameworks/faults/faults.js';
import type { Finding } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import { isEnvironment } from '../frameworks/environment-facts.js';
import type { Check, VerifyContext } from '../types.js';
import { pythonResult } from './answer.js';
import { faultFinding } from './fault-finding.js';
import { askInterpreter } from './interpreter.js';

const NAME_ONE = fix('Name an interpreter.', 'mpsbench verify --probe --python PATH');

/** Each interpreter starts, is the Python that its files say, and runs natively. */
export const pythonProbe: Check = {
  id: 'probe.python',
  group: 'probe',
  title: 'each Python interpreter starts, and is what its files say',
  sources: [
    'https://docs.python.org/3/library/platform.html',
    'https://developer.apple.com/documentation/apple-silicon/about-the-rosetta-translation-environment',
  ],
  applies: ({ probe }) => probe,
  async run(context) {
    const environments = await context.environments();
    const findings: Finding[] = [];
    for (const environment of environments) {
      findings.push(await probeInterpreter(environment, context));
    }
    if (findings.length > 0) return findings;
    return [
      finding(pythonProbe, 'unchecked', 'No Python was found to ask.', {
        fixes: [NAME_ONE],
      }),
    ];
  },
};

async function probeInterpreter(
  environment: PythonEnvironment,
  context: VerifyContext,
): Promise<Finding> {
  const { prefix, interpreter, pythonVersion, notes } = environment;
  if (!isEnvironment(environment) && !interpreter) {
    return finding(pythonProbe, 'unchecked', notes[0] ?? 'This is no environment.', {
      subject: prefix,
      fixes: [NAME_ONE],
    });
  }
  if (!interpreter) {
    return finding(pythonProbe, 'unchecked', 'This environment has no interpreter.', {
      subject: prefix,
      fixes: [fix('Make the environment again.', 'python3 -m venv --clear PATH')],
    });
  }
  const asked = await askInterpreter(interpreter, context);
  const fault = findFault(asked, { interpreter, title: 'Python' });
  if (fault) return faultFinding(pythonProbe, fault, environment, context);
  const parsed = pythonResult.safeParse(asked.answer.state === 'result' && asked.answer.result);
  if (!parsed.success) {
    return faultFinding(
      pythonProbe,
      unknownAnswer({ interpreter, title: 'Python' }),
      environment,
      context,
    );
  }
  const facts = parsed.data;
  const { version, implementation, machine, bits } = facts;
  const name = `${implementation} ${version}, ${machine}`;
  const parts = { subject: prefix, details: { version, implementation, machine, bits } };
  if (version.startsWith('2.')) {
    return finding(pythonProbe, 'warning', `${name}: a Python 2; no framework supports it.`, {
      ...parts,
      fixes: [fix('Install a Python 3.')],
    });
  }
  if (facts.translated) {
    return finding(pythonProbe, 'warning', `${name}: runs under Rosetta, without a GPU.`, {
      ...parts,
      fixes: [
        fix(
          'Make the environment again with a Python for Apple silicon; this prints arm64 then.',
          "python3 -c 'import platform; print(platform.machine())'",
        ),
      ],
    });
  }
  if (bits < 64) {
    return finding(pythonProbe, 'warning', `${name}: a 32-bit Python; no framework supports it.`, {
      ...parts,
      fixes: [fix('Install a 64-bit Python.')],
    });
  }
  if (pythonVersion !== undefined && !isSameVersion(version, pythonVersion)) {
    return finding(
      pythonProbe,
      'warning',
      `${name}: the files of this environment are for Python ${pythonVersion}.`,
      {
        ...parts,
        fixes: [
          fix('Make the environment again with this Python.', 'python3 -m venv --upgrade PATH'),
        ],
      },
    );
  }
  return finding(pythonProbe, 'pass', name, parts);
}

/** `3.11.7` is what a folder named `python3.11` promises. */
function isSameVersion(actual: string, promised: string): boolean {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.');
  return minor(actual) === minor(promised);
}

import { DISTRIBUTIONS } from '../../frameworks/distributions.js';
import { sourcesOf, TABLE } from '../facts/index.js';
import { finding } from '../finding.js';
import type { Check } from '../types.js';
import { packageOf } from './environment-facts.js';
import { evaluate, findingOf } from './evaluate.js';
import { machineFacts } from './machine.js';
import { mergeFindings } from './merge.js';

/** The frameworks that are compiled against NumPy. */
const COMPILED = [
  ...DISTRIBUTIONS.tensorflow,
  ...DISTRIBUTIONS.pytorch,
  ...DISTRIBUTIONS.onnxruntime,
  'jaxlib',
];

/** NumPy's version beside each framework that was compiled against it. */
export const numpy: Check = {
  id: 'frameworks.numpy',
  group: 'frameworks',
  title: 'NumPy is of a version that the frameworks beside it were compiled for',
  sources: [...new Set(TABLE.numpy.flatMap(sourcesOf))],
  applies: () => true,
  async run(context) {
    const [environments, machine] = await Promise.all([
      context.environments(),
      machineFacts(context),
    ]);
    const own = environments.filter(
      (environment) =>
        environment.packages.has('numpy') && packageOf(environment, COMPILED) !== undefined,
    );
    const findings = own.flatMap((environment) =>
      evaluate(environment, machine, { rules: TABLE.numpy, packages: ['numpy'] }).matches.map(
        (match) => findingOf(match, { check: numpy.id, environment, environments }),
      ),
    );
    if (findings.length > 0) return mergeFindings(findings);
    return own.length === 0
      ? [finding(numpy, 'not-applicable', 'no framework compiled against NumPy', { sources: [] })]
      : [finding(numpy, 'pass', 'NumPy fits the frameworks beside it.', { sources: [] })];
  },
};

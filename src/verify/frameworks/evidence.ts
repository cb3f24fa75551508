import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import { shellWord } from '../../text/shell-word.js';
import type { Facts } from '../facts/condition.js';
import { fill } from '../facts/condition.js';

/**
 * What a verdict of "reaches the GPU" rests on. Each kind of evidence is a fact; where it is absent, the
 * framework is not checked, and the command says how to find out.
 */
interface EvidenceKind {
  readonly fact: string;
  /** How it is named where it was seen, with facts in braces. */
  readonly seen: string;
  /** How it is named where it was not. */
  readonly unseen: string;
  /** What would tell. */
  tell(environment: PythonEnvironment, framework: string): string;
}

const probe = (_: PythonEnvironment, framework: string) => `mpsbench verify --probe ${framework}`;
const interpreterOf = ({ interpreter, prefix }: PythonEnvironment) =>
  shellWord(interpreter ?? `${prefix}/bin/python`);
const gpuQuery = () => 'nvidia-smi --query-gpu=name,compute_cap,driver_version --format=csv';

export const EVIDENCE: Readonly<Record<string, EvidenceKind>> = {
  interpreter: {
    fact: 'interpreter',
    seen: '{interpreter} Python',
    unseen: 'the architecture of its Python',
    tell: (environment) => `file -L ${interpreterOf(environment)}`,
  },
  wheel: {
    fact: 'wheel',
    seen: '{wheel}',
    unseen: 'the platform of its build',
    tell: probe,
  },
  macos: {
    fact: 'macos',
    seen: 'macOS {macos}',
    unseen: 'the version of macOS',
    tell: () => 'sw_vers',
  },
  requirements: {
    fact: 'requirements',
    seen: '{requirements}',
    unseen: 'its requirements',
    tell: (environment) => `${interpreterOf(environment)} -m pip check`,
  },
  driver: {
    fact: 'driver-words',
    seen: '{driver-words}',
    unseen: 'the version of the NVIDIA driver',
    tell: gpuQuery,
  },
  ...Object.fromEntries(
    ['torch', 'tensorflow', 'jax', 'onnxruntime', 'mlx'].map((name) => [
      `${name}-gpu-code`,
      {
        fact: `${name}-gpu-code-words`,
        seen: `{${name}-gpu-code-words}`,
        unseen: 'whether it has code for this GPU ({gpu-model})',
        tell: gpuQuery,
      },
    ]),
  ),
  ...Object.fromEntries(
    ['tensorflow', 'jax', 'onnxruntime'].map((name) => [
      `${name}-libraries-words`,
      {
        fact: `${name}-libraries-words`,
        seen: `{${name}-libraries-words}`,
        unseen: 'the CUDA libraries that it loads',
        tell: probe,
      },
    ]),
  ),
};

export interface Judgement {
  /** What was seen, for the message of a pass. */
  readonly seen: readonly string[];
  readonly unseen: readonly { readonly words: string; readonly command: string }[];
}

/** What of the evidence that a rule needs was seen in an environment. */
export function judgeEvidence(
  needs: readonly string[],
  facts: Facts,
  environment: PythonEnvironment,
  framework: string,
): Judgement {
  const seen: string[] = [];
  const unseen: { words: string; command: string }[] = [];
  for (const need of needs) {
    const kind = EVIDENCE[need];
    if (!kind) throw new Error(`a rule needs unknown evidence: ${need}`);
    if (facts.has(kind.fact)) seen.push(fill(kind.seen, facts));
    else
      unseen.push({ words: fill(kind.unseen, facts), command: kind.tell(environment, framework) });
  }
  return { seen, unseen };
}

import type { Finding } from '../result/schema.js';
import type { Block, Finding as FindingBlock } from './document.js';
import { findingBlock, isFine, sourceOf, worstOf } from './verify-findings.js';

type FrameworkFinding = Finding & { readonly framework: NonNullable<Finding['framework']> };
type Reach = NonNullable<FrameworkFinding['framework']['gpu']>;

/** For each framework in each environment, whether it reaches the GPU; what is wrong in full. */
export function frameworkVerdicts(findings: readonly Finding[]): Block[] {
  const about = findings.filter((one): one is FrameworkFinding => one.framework !== undefined);
  if (about.length === 0) return [];
  const installed = new Map<string, FrameworkFinding[]>();
  for (const finding of about) {
    const { framework, subject } = finding;
    if (framework.version === undefined && subject === undefined) continue;
    const key = JSON.stringify([framework.name, subject]);
    installed.set(key, [...(installed.get(key) ?? []), finding]);
  }
  const names = new Set([...installed.values()].map(([first]) => first.framework.name));
  const missing = [...new Set(about.map(({ framework }) => framework.name))].filter(
    (name) => !names.has(name),
  );
  const verdicts = [...installed.values()].flatMap(verdictBlocks);
  return [
    { kind: 'heading', level: 1, text: 'Frameworks' },
    ...verdicts,
    ...(missing.length > 0
      ? [
          {
            kind: 'finding',
            state: 'not-applicable',
            text: `Not installed: ${missing.join(', ')}.`,
            fixes: [],
          } as const,
        ]
      : []),
  ];
}

/** What the files could not tell needs no answer once the framework itself has been asked. */
function withoutAnswered(findings: readonly FrameworkFinding[]): readonly FrameworkFinding[] {
  const isAnswered = findings.some(isAnswer);
  return findings.filter((one) => {
    return !(isAnswered && one.group !== 'probe' && one.framework.gpu === 'unknown');
  });
}

function isAnswer({ group, framework }: FrameworkFinding): boolean {
  return group === 'probe' && framework.gpu !== 'unknown';
}

/** The verdict, with the first thing that is wrong right below it, then the others. */
function verdictBlocks(all: readonly FrameworkFinding[]): FindingBlock[] {
  const findings = withoutAnswered(all);
  const state = worstOf(findings);
  const head = { kind: 'finding', state, text: verdictText(findings), fixes: [] } as const;
  const worst = findings.find((one) => one.state === state && !isFine(one));
  const others = all.filter((one) => one !== worst && !isFine(one));
  return [
    worst === undefined
      ? head
      : {
          ...head,
          detail: worst.message,
          check: worst.check,
          fixes: worst.fixes,
          ...sourceOf(worst),
        },
    ...others.map((one) => findingBlock(one, one.message, 1)),
  ];
}

/** `TensorFlow 2.18.0 in /opt/venv does not reach the GPU.` */
function verdictText(findings: readonly FrameworkFinding[]): string {
  const [{ framework, subject }] = findings;
  const version = findings.map((one) => one.framework.version).find(Boolean);
  const name = [framework.name, version, subject && `in ${subject}`].filter(Boolean).join(' ');
  const state = worstOf(findings);
  switch (reachOf(findings)) {
    case 'yes': {
      if (findings.some(isWrong)) return `${name} computes wrong results on the GPU.`;
      const warnings = findings.filter((one) => !isFine(one)).length;
      const but = warnings > 0 ? `, with ${warnings} warning${warnings === 1 ? '' : 's'}` : '';
      return `${name} reaches the GPU${but}.`;
    }
    case 'no':
      return state === 'pass'
        ? `${name} runs on the CPU: this machine has no GPU for it.`
        : `${name} does not reach the GPU.`;
    case 'unlikely':
      return `${name} probably does not reach the GPU.`;
    case 'unknown':
      return `${name}: GPU access not checked.`;
    case undefined:
      if (findings.some(isWrong)) return `${name} computes wrong results.`;
      return state === 'fail'
        ? `${name} does not work as installed.`
        : `${name} may not reach the GPU as installed.`;
  }
}

function isWrong({ state, details, group }: Finding): boolean {
  return state === 'fail' && (details?.effect === 'wrong-results' || group === 'probe');
}

const REACHES = ['no', 'unlikely', 'yes', 'unknown'] as const satisfies readonly Reach[];

/** What a framework itself said outweighs what its files say. */
function reachOf(findings: readonly FrameworkFinding[]): Reach | undefined {
  const asked = findings.filter(isAnswer);
  const said = (asked.length > 0 ? asked : findings).map(({ framework }) => framework.gpu);
  return REACHES.find((reach) => said.includes(reach));
}

import { EXIT } from '../exit-codes.js';
import type { Finding, VerifyResult } from '../result/schema.js';
import type { Block, Document } from './document.js';
import { placementTable } from './placement-table.js';
import { countsText, findingBlock, isFine, worstOf } from './verify-findings.js';
import { frameworkVerdicts } from './verify-verdicts.js';

/** The groups in the order in which they are shown. */
const HEADINGS = {
  system: 'System',
  devices: 'Devices',
  compute: 'Compute',
  frameworks: 'Frameworks',
  probe: 'Probe',
} as const satisfies Record<Finding['group'], string>;
const GROUPS = Object.keys(HEADINGS) as Finding['group'][];

/** Groups with many findings about few devices or environments: each gets a heading of its own. */
const BY_SUBJECT: readonly Finding['group'][] = ['compute', 'frameworks', 'probe'];

export interface VerifyDocumentOptions {
  /** Every finding, in place of the verdicts and what is wrong. */
  readonly details?: boolean;
}

/** The output of `mpsbench verify`: whether each framework reaches the GPU, then the checks. */
export function verifyDocument(
  result: VerifyResult,
  { details = false }: VerifyDocumentOptions = {},
): Document {
  const { findings, host, reproduce, exitCode } = result;
  const hasFolded = !details && findings.some((one) => isFine(one) && one.state === 'pass');
  return [
    ...frameworkVerdicts(findings),
    ...(details
      ? allChecks(result)
      : [
          ...checks(findings),
          { kind: 'fold', summary: 'All checks', blocks: allChecks(result) } as const,
        ]),
    ...(exitCode === EXIT.interrupted
      ? [
          {
            kind: 'note',
            tone: 'doubtful',
            text: 'Interrupted: the other checks did not run.',
          } as const,
        ]
      : []),
    {
      kind: 'facts',
      facts: [
        { label: 'Summary', value: countsText(findings) },
        { label: 'Machine', value: `${host.cpu}, ${host.os}` },
        { label: 'Reproduce', value: reproduce, code: true },
        ...(hasFolded ? [{ label: 'Details', value: 'add --verbose to show every check' }] : []),
      ],
    },
  ];
}

/** One line per group, and below it what is wrong; the verdicts have shown that of frameworks. */
function checks(all: readonly Finding[]): Block[] {
  const blocks = GROUPS.flatMap((group): Block[] => {
    const findings = all.filter((finding) => finding.group === group);
    const [first, ...more] = findings;
    if (first === undefined) return [];
    // A line about a single finding would say less than the finding.
    if (more.length === 0 && first.framework === undefined) return findingBlocks(first, true, 0);
    const text = `${HEADINGS[group]}: ${countsText(findings)}${subjectsText(group, findings)}`;
    const open = findings.filter((one) => !isFine(one) && one.framework === undefined);
    return [
      { kind: 'finding', state: worstOf(findings), text, fixes: [] },
      ...open.flatMap((finding) => findingBlocks(finding, true, 1)),
    ];
  });
  return blocks.length > 0 ? [{ kind: 'heading', level: 1, text: 'Checks' }, ...blocks] : [];
}

/** The devices that were computed on. */
function subjectsText(group: Finding['group'], findings: readonly Finding[]): string {
  if (group !== 'compute') return '';
  const subjects = [...new Set(findings.flatMap(({ subject }) => subject ?? []))];
  return subjects.length > 0 ? ` (${subjects.join(', ')})` : '';
}

function allChecks({ findings, devices }: VerifyResult): Block[] {
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  return GROUPS.flatMap((group) => groupBlocks(group, findings, names));
}

function groupBlocks(
  group: Finding['group'],
  all: readonly Finding[],
  names: ReadonlyMap<string, string>,
): Block[] {
  const findings = all.filter((finding) => finding.group === group);
  if (findings.length === 0) return [];
  const heading: Block = { kind: 'heading', level: 1, text: HEADINGS[group] };
  if (!BY_SUBJECT.includes(group)) {
    return [heading, ...findings.flatMap((finding) => findingBlocks(finding, true, 0))];
  }
  const subjects = [...new Set(findings.map(({ subject }) => subject))];
  return [
    heading,
    ...subjects.flatMap((subject): Block[] => [
      ...(subject === undefined ? [] : [subjectHeading(subject, names.get(subject))]),
      ...findings
        .filter((finding) => finding.subject === subject)
        .flatMap((finding) => findingBlocks(finding, false, subject === undefined ? 0 : 1)),
    ]),
  ];
}

function subjectHeading(text: string, detail: string | undefined): Block {
  return { kind: 'heading', level: 2, text, ...(detail && { detail }) };
}

function findingBlocks(found: Finding, withSubject: boolean, depth: 0 | 1): Block[] {
  const { message, subject, placement } = found;
  const named = withSubject && subject !== undefined && !message.startsWith(subject);
  const block = findingBlock(found, named ? `${subject}: ${message}` : message, depth);
  return placement && placement.length > 0 ? [block, placementTable({ placement })] : [block];
}

import { EXIT } from '../exit-codes.js';
import type { Finding, VerifyResult } from '../result/schema.js';
import type { Block, Document, Finding as FindingBlock } from './document.js';
import { placementTable } from './placement-table.js';

/** The groups in the order in which they are shown. */
const HEADINGS = {
  system: 'System',
  devices: 'Devices',
  compute: 'Compute',
  frameworks: 'Frameworks',
  probe: 'Probe',
} as const satisfies Record<Finding['group'], string>;

/** Groups with many findings about few devices or environments: each gets a heading of its own. */
const BY_SUBJECT: readonly Finding['group'][] = ['compute', 'frameworks', 'probe'];

const INTERRUPTED: Block = {
  kind: 'note',
  tone: 'doubtful',
  text: 'Interrupted: the other checks were not made.',
};

/** What `mpsbench verify` says. */
export function verifyDocument(result: VerifyResult): Document {
  const { findings, host, reproduce, exitCode, devices } = result;
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const groups = Object.keys(HEADINGS) as Finding['group'][];
  return [
    ...groups.flatMap((group) => groupBlocks(group, findings, names)),
    { kind: 'heading', level: 1, text: 'Summary' },
    ...summary(findings),
    ...(exitCode === EXIT.interrupted ? [INTERRUPTED] : []),
    {
      kind: 'facts',
      facts: [
        { label: 'Machine', value: `${host.cpu}, ${host.os}` },
        { label: 'Reproduce', value: reproduce, code: true },
      ],
    },
  ];
}

function groupBlocks(
  group: Finding['group'],
  all: readonly Finding[],
  names: ReadonlyMap<string, string>,
): Block[] {
  const findings = all.filter((finding) => finding.group === group);
  if (findings.length === 0) return [];
  const heading: Block = { kind: 'heading', level: 1, text: HEADINGS[group] };
  if (!BY_SUBJECT.includes(group)) return [heading, ...findings.flatMap((f) => blocks(f, true))];
  const subjects = [...new Set(findings.map(({ subject }) => subject))];
  return [
    heading,
    ...subjects.flatMap((subject): Block[] => [
      ...(subject === undefined ? [] : [subjectHeading(subject, names.get(subject))]),
      ...findings.filter((f) => f.subject === subject).flatMap((f) => blocks(f, false)),
    ]),
  ];
}

function subjectHeading(text: string, detail: string | undefined): Block {
  return { kind: 'heading', level: 2, text, ...(detail && { detail }) };
}

/** A finding that is well takes one line; every other says what to do, its id and its source. */
function blocks(found: Finding, withSubject: boolean): Block[] {
  const { state, message, subject, check, fixes, placement } = found;
  const named = withSubject && subject !== undefined && !message.startsWith(subject);
  const text = named ? `${subject}: ${message}` : message;
  const block: FindingBlock =
    state === 'pass' || state === 'not-applicable'
      ? { kind: 'finding', state: isLimit(found) ? 'note' : state, text, fixes: [] }
      : { kind: 'finding', state, text, check, fixes, ...sourceOf(found) };
  return placement && placement.length > 0 ? [block, placementTable({ placement })] : [block];
}

/** What a framework cannot do on any such machine: nothing is set up wrong. */
function isLimit({ details }: Finding): boolean {
  return details?.effect === 'limit';
}

function sourceOf({ sources, rule, confidence }: Finding): Pick<FindingBlock, 'source'> {
  const trust = confidence && confidence !== 'high' ? `${confidence} confidence` : undefined;
  const known = [rule, trust, sources.slice(0, SHOWN_SOURCES).join('; ')].filter(Boolean);
  return known.length > 0 ? { source: known.join(', ') } : {};
}

/** The others stand in the JSON and in docs/verify.md. */
const SHOWN_SOURCES = 2;

function summary(findings: readonly Finding[]): Block[] {
  const count = (state: Finding['state']) => findings.filter((f) => f.state === state).length;
  const [passed, warnings, failed, unchecked, notApplicable] = (
    ['pass', 'warning', 'fail', 'unchecked', 'not-applicable'] as const
  ).map(count);
  const parts = [
    failed > 0 && `${failed} failed`,
    warnings > 0 && `${warnings} warning${warnings === 1 ? '' : 's'}`,
    unchecked > 0 && `${unchecked} not checked`,
    `${passed} passed`,
    notApplicable > 0 && `${notApplicable} not applicable`,
  ].filter((part) => part !== false);
  if (findings.length === 0) {
    return [{ kind: 'finding', state: 'unchecked', text: 'Nothing was checked.', fixes: [] }];
  }
  const state =
    failed > 0
      ? 'fail'
      : warnings > 0
        ? 'warning'
        : unchecked > 0
          ? 'unchecked'
          : passed > 0
            ? 'pass'
            : 'not-applicable';
  return [{ kind: 'finding', state, text: `${parts.join(', ')}.`, fixes: [] }];
}

import type { Finding } from '../../result/schema.js';

/** Environments that a merged finding names in full. */
const MOST_NAMED = 3;

/**
 * One finding for all environments of which the same is to be said, so that twenty environments do
 * not make twenty lines. Its fixes are those of the first few; `details.environments` has all.
 */
export function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.state, finding.rule, finding.message, finding.framework]);
    const group = groups.get(key) ?? [];
    group.push(finding);
    groups.set(key, group);
  }
  return [...groups.values()].map(mergeGroup);
}

function mergeGroup(group: readonly Finding[]): Finding {
  const [first] = group;
  if (!first || group.length === 1) return first as Finding;
  // Several versions of Python share a prefix such as /usr.
  const subjects = [...new Set(group.map(({ subject }) => subject ?? ''))];
  const named = subjects.slice(0, MOST_NAMED).join(', ');
  const more = subjects.length - MOST_NAMED;
  const fixes = group.slice(0, MOST_NAMED).flatMap((finding) => finding.fixes);
  const distinct = new Map(fixes.map((fix) => [`${fix.text}\n${fix.command ?? ''}`, fix]));
  return {
    ...first,
    subject: more > 0 ? `${named} and ${more} more` : named,
    fixes: [...distinct.values()],
    details: {
      ...(first.details?.effect !== undefined && { effect: first.details.effect }),
      environments: subjects.join(', '),
    },
  };
}

import type { Result } from '../../result/schema.js';
import { printable } from '../../text/printable.js';
import { renderMarkdown } from '../registry.js';
import { type Case, casesOf } from './case-list.js';

/** GitHub refuses a step summary beyond 1024 KiB, all that a step wrote together. */
const SUMMARY_BYTES = 1024 * 1024;
/** GitHub shows ten errors and ten warnings of a step. */
const MOST_ANNOTATIONS = 10;

/**
 * What to append to the file in GITHUB_STEP_SUMMARY: the result as Markdown, cut at a line where the
 * summary would get too long.
 * @param used bytes that the file has already
 */
export async function githubSummary(result: Result, used = 0): Promise<string> {
  const text = `${(await renderMarkdown(result)).trimEnd()}\n`;
  const room = SUMMARY_BYTES - used;
  if (Buffer.byteLength(text) <= room) return text;
  const note = '\n_The rest is left out: GitHub accepts at most 1024 KiB._\n';
  const bytes = Buffer.from(text).subarray(0, Math.max(0, room - Buffer.byteLength(note)));
  const end = bytes.lastIndexOf('\n'.charCodeAt(0)) + 1;
  return end > 0 ? bytes.subarray(0, end).toString('utf8') + note : '';
}

/** Workflow commands, one per line: an error per finding, a warning per doubt, a notice per skipped check. */
export function githubAnnotations(result: Result): string[] {
  const cases = casesOf(result);
  return [
    ...annotate(
      'error',
      cases.filter(({ state }) => state === 'failed'),
    ),
    ...annotate(
      'warning',
      cases.filter(({ doubtful }) => doubtful),
    ),
    ...annotate(
      'notice',
      cases.filter(({ state }) => state === 'skipped'),
    ),
  ];
}

function annotate(level: string, cases: readonly Case[]): string[] {
  return cases.slice(0, MOST_ANNOTATIONS).map(({ name, message, advice }) => {
    const text = [message, ...advice].map(printable).join('\n');
    return `::${level} title=${property(`mpsbench: ${printable(name)}`)}::${data(text)}`;
  });
}

/** As the toolkit of GitHub's actions escapes (packages/core/src/command.ts). */
const data = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

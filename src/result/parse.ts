import type { z } from 'zod';
import { MpsbenchError } from '../errors.js';
import { requireBounds, requireSize } from './bounds.js';
import { embeddedJson, isPage } from './embedded.js';
import { type Result, resultSchema } from './schema.js';
import { SCHEMA_VERSION } from './version.js';

const SHOWN_ISSUES = 3;
const ADVICE = 'Give it a file that was written with --json or --html.';

/**
 * Reads a saved result: JSON, or a page that was written with --html.
 * @throws MpsbenchError `usage` if the text is not JSON, no result, of another schema version, or beyond all bounds
 */
export function parseResult(text: string, source = 'The file'): Result {
  requireSize(text.length, source);
  const json = isPage(text) ? embeddedJson(text, source) : text;
  const value = parseJson(json, source);
  requireBounds(value, source);
  checkVersion(value, source);
  const parsed = resultSchema.safeParse(value);
  // Not `parsed.data`: zod leaves out fields of later versions, which a copy should keep.
  if (parsed.success) return value as Result;
  const { issues } = parsed.error;
  const shown = issues.slice(0, SHOWN_ISSUES).map(describeIssue).join('; ');
  const more = issues.length > SHOWN_ISSUES ? `; and ${issues.length - SHOWN_ISSUES} more` : '';
  throw new MpsbenchError('usage', `${source} is not a valid result: ${shown}${more}.`, ADVICE);
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    const reason = text.trim() === '' ? 'it is empty' : (cause as Error).message;
    throw new MpsbenchError('usage', `${source} is not JSON: ${reason}.`, ADVICE, { cause });
  }
}

function checkVersion(value: unknown, source: string): void {
  const version =
    typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (version === SCHEMA_VERSION) return;
  if (version === undefined) {
    throw new MpsbenchError(
      'usage',
      `${source} has no "schema" field: it is not an mpsbench result.`,
      ADVICE,
    );
  }
  throw new MpsbenchError(
    'usage',
    `${source} has schema version ${JSON.stringify(version)}; this mpsbench reads version ${SCHEMA_VERSION}.`,
    'Use the version of mpsbench that wrote it, or a newer one.',
  );
}

/** `rows[0].measurement.wall.median: expected number, received string`. */
function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const where = path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
  return `${where || 'the whole'}: ${message.replace(/^Invalid (input|option): /, '')}`;
}

import { gunzipSync, gzipSync } from 'node:zlib';
import { MpsbenchError } from '../errors.js';
import { escapeJson } from '../text/printable.js';
import { BOUNDS } from './bounds.js';
import type { Result } from './schema.js';

/** A result inside an HTML page: written by `report`, read back by `parseResult`. */

const ID = 'mpsbench-result';
const TYPES = { plain: 'application/json', packed: 'application/gzip' } as const;
/** A longer result is packed: raw samples of a sweep shrink to a tenth. */
const LONGEST_PLAIN = 200_000;
/** No result is larger; a hostile page may claim to be. */
const LARGEST_BYTES = BOUNDS.bytes;

const ELEMENT = new RegExp(
  `<script type="(${TYPES.plain}|${TYPES.packed})" id="${ID}">([^<]*)</script>`,
);

/** The element that holds the result: JSON, or its gzip in base64 where it is long. Neither has a `<`. */
export function embedResult(result: Result): string {
  const json = JSON.stringify(result);
  const [type, data] =
    json.length > LONGEST_PLAIN
      ? [TYPES.packed, gzipSync(json, { level: 9 }).toString('base64')]
      : [TYPES.plain, escapeJson(json).replaceAll('<', '\\u003c')];
  return `<script type="${type}" id="${ID}">${data}</script>`;
}

/** Whether a text is a page and not JSON. */
export function isPage(text: string): boolean {
  return /^\ufeff?\s*<(!doctype html|html|!--)/i.test(text);
}

/**
 * The JSON of the result in a page.
 * @throws MpsbenchError `usage` for a page without one
 */
export function embeddedJson(page: string, source: string): string {
  const [, type, data = ''] = ELEMENT.exec(page) ?? [];
  if (type === undefined) {
    throw new MpsbenchError(
      'usage',
      `${source} is an HTML page without a result of mpsbench.`,
      'Give it a page that was written with --html, or a file that was written with --json.',
    );
  }
  if (type === TYPES.plain) return data;
  try {
    const bytes = gunzipSync(Buffer.from(data, 'base64'), { maxOutputLength: LARGEST_BYTES });
    return bytes.toString('utf8');
  } catch (cause) {
    throw new MpsbenchError(
      'usage',
      `${source} has a damaged result (${(cause as Error).message}).`,
      'Write the page again with --html.',
      { cause },
    );
  }
}

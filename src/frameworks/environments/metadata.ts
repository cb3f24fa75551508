import type { FileHead } from '../../host/files.js';
import type { HostSource } from '../../host/source.js';

/** What METADATA, WHEEL and PKG-INFO are: RFC 822 headers, then an optional long description. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** The headers of a file, or why there are none, as the end of a sentence about the file. */
export type HeaderFile =
  | { readonly state: 'read'; readonly headers: Headers; readonly remark?: string }
  | { readonly state: 'missing' }
  | { readonly state: 'broken'; readonly reason: string };

/** Headers of the largest real packages take 20 KiB; a description may be far longer. */
const METADATA_BYTES = 64 * 1024;

const REASONS: Readonly<Record<Exclude<FileHead['state'], 'read' | 'missing'>, string>> = {
  denied: 'cannot be read (no permission)',
  unreadable: 'cannot be read',
};

/** Reads the headers of a metadata file, at most 64 KiB of it. Never throws. */
export async function readHeaders(
  source: HostSource,
  path: string,
  maxBytes = METADATA_BYTES,
): Promise<HeaderFile> {
  const head = await source.readHead(path, maxBytes);
  if (head.state === 'missing') return { state: 'missing' };
  if (head.state !== 'read') return { state: 'broken', reason: REASONS[head.state] };
  if (head.bytes.length === 0) return { state: 'broken', reason: 'is empty' };
  if (head.bytes.includes(0)) return { state: 'broken', reason: 'is not text' };
  const { text, valid } = decode(head.bytes);
  const headers = parseHeaders(text);
  if (headers.size === 0) return { state: 'broken', reason: 'holds no headers' };
  return { state: 'read', headers, ...(!valid && { remark: 'is not UTF-8' }) };
}

/** The first of a header's values; names are case-insensitive. */
export function header(headers: Headers, name: string): string | undefined {
  return headers.get(name.toLowerCase())?.[0];
}

/** Headers up to the first empty line; lines that begin with a space continue the one before. */
export function parseHeaders(text: string): Headers {
  const headers = new Map<string, string[]>();
  let last: string[] | undefined;
  // What follows the first empty line is a description, often a long one.
  const end = text.search(/\r?\n\r?\n|\r\r/);
  const head = (end < 0 ? text : text.slice(0, end)).replace(/^\uFEFF/, '');
  for (const line of head.split(/\r\n|\n|\r/)) {
    if (line === '') break;
    if (/^[ \t]/.test(line)) {
      if (last) last.push(`${last.pop() ?? ''} ${line.trim()}`);
      continue;
    }
    const [, name, value] = /^([A-Za-z][A-Za-z0-9-]*):(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    last = headers.get(key) ?? [];
    last.push(value.trim());
    headers.set(key, last);
  }
  return headers;
}

/** UTF-8, where a cut in the last character is no fault; else Latin-1, which fits any bytes. */
function decode(bytes: Uint8Array): { text: string; valid: boolean } {
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true }),
      valid: true,
    };
  } catch {
    return { text: new TextDecoder('latin1').decode(bytes), valid: false };
  }
}

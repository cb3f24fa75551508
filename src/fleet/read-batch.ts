import { type Found, jsonValues } from './json-values.js';
import { type HostResult, hostResultOf, WANTED } from './reading.js';
import { skimJson } from './skim-json.js';

/** What is found in a text: results, objects that are none (the end of a sentence), and other lines. */
export type FoundResult = Found<HostResult | string>;

export interface BatchResults {
  readonly found: readonly FoundResult[];
  /** How many the text has. */
  readonly lines: number;
}

/** Reads results of hosts from a text that holds whole ones. */
export function readBatch(text: Buffer): BatchResults {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  const found = [...jsonValues(text, (bytes) => skimJson(bytes, WANTED))];
  return {
    lines,
    found: found.map((one) => ('value' in one ? { ...one, value: hostResultOf(one.value) } : one)),
  };
}

/** In a worker thread, which gets the bytes alone. */
export default function readBytes({ buffer, byteOffset, length }: Uint8Array): BatchResults {
  return readBatch(Buffer.from(buffer, byteOffset, length));
}

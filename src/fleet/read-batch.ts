import { type FoundValues, jsonValues } from './json-values.js';
import { type HostResult, hostResultOf, WANTED } from './reading.js';
import { skimJson } from './skim-json.js';

/** Results, objects that are none (the end of a sentence), and other lines. */
export type BatchResults = FoundValues<HostResult | string>;

/** Reads results of hosts from a text that holds whole ones. */
export function readBatch(text: Buffer): BatchResults {
  const { found, lines } = jsonValues(text, (bytes) => skimJson(bytes, WANTED));
  return {
    lines,
    found: found.map((one) => ('value' in one ? { ...one, value: hostResultOf(one.value) } : one)),
  };
}

/** In a worker thread, which gets the bytes alone. */
export default function readBytes({ buffer, byteOffset, length }: Uint8Array): BatchResults {
  return readBatch(Buffer.from(buffer, byteOffset, length));
}

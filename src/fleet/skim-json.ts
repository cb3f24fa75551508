import { z } from 'zod';
import { isContainer, skipEntries, skipJson, skipString } from './skip-json.js';

/** Which lists and objects of a value are read: all of them, or those under these keys. Lists are like their entries. */
export type Wanted = 'all' | ReadonlyMap<string, Wanted>;

/** What a schema looks at: everything else of a value may be missing. */
export function wantedBy(schema: z.core.$ZodType): Wanted {
  if (schema instanceof z.ZodArray) return wantedBy(schema.element);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return wantedBy(schema.unwrap());
  }
  if (!(schema instanceof z.ZodObject)) return 'all';
  return new Map(Object.entries(schema.shape).map(([key, part]) => [key, wantedBy(part)]));
}

/**
 * Parses JSON without what is not wanted: lists and objects under other keys become 0. A saved result is mostly raw
 * samples, and parsing those takes most of the time.
 *
 * What is left out has been checked to be JSON, so that a text is accepted exactly if JSON.parse accepts it.
 * @throws SyntaxError
 */
export function skimJson(bytes: Buffer, wanted: Wanted): unknown {
  return JSON.parse(skim(bytes, wanted) ?? bytes.toString());
}

/** Undefined where the bytes are not JSON, or of a kind that is left to JSON.parse. */
function skim(bytes: Buffer, wanted: Wanted): string | undefined {
  let text = '';
  let copied = 0;
  const skimValue = (start: number, part: Wanted): number => {
    if (part === 'all' || !isContainer(bytes[start])) return skipJson(bytes, start);
    return skipEntries(bytes, start, (at, key) => {
      // In a list, values have no key. `part` is not used up by lists in lists.
      if (at === key) return bytes[at] === bytes[start] ? skipJson(bytes, at) : skimValue(at, part);
      if (!isContainer(bytes[at])) return skipJson(bytes, at);
      const name = bytes.toString('latin1', key + 1, skipString(bytes, key) - 1);
      const inner = part.get(name);
      if (inner !== undefined) return skimValue(at, inner);
      const end = skipJson(bytes, at);
      // An escaped key may be any.
      if (end < 0 || name.includes('\\')) return end;
      text += `${bytes.toString('utf8', copied, at)}0`;
      copied = end;
      return end;
    });
  };
  return skimValue(0, wanted) < 0 ? undefined : text + bytes.toString('utf8', copied);
}

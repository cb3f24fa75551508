import type { Finding, Fix } from '../result/schema.js';
import type { Check } from './types.js';

/** What a finding has besides its state and message; each may be left out. */
export interface FindingParts {
  readonly subject?: string;
  readonly fixes?: readonly Fix[];
  readonly details?: Finding['details'];
  /** Where they are not those of the whole check. */
  readonly sources?: readonly string[];
}

/** A finding of a check, with what all its findings share filled in. */
export function finding(
  check: Pick<Check, 'id' | 'group' | 'sources'>,
  state: Finding['state'],
  message: string,
  { subject, fixes = [], details, sources = check.sources }: FindingParts = {},
): Finding {
  return {
    check: check.id,
    group: check.group,
    state,
    ...(subject !== undefined && { subject }),
    message,
    fixes: [...fixes],
    sources: [...sources],
    ...(details && { details }),
  };
}

/** `Update the driver.`, with a command if there is one. */
export function fix(text: string, command?: string): Fix {
  return command === undefined ? { text } : { text, command };
}

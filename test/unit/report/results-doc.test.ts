import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { resultsDocument, schemasFrom } from '../../../scripts/build/results-doc.mjs';
import * as schema from '../../../src/result/schema.js';

describe('docs/results.md', () => {
  let page: string;

  beforeAll(async () => {
    page = resultsDocument(await schemasFrom(schema));
  });

  it('is what scripts/build/results-doc.mjs writes', () => {
    expect(readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8')).toBe(page);
  });

  it('says what every field means', () => {
    expect(page.split('\n').filter((line) => line.endsWith('|  |'))).toEqual([]);
  });
});

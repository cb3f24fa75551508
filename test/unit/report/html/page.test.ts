import { gzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import type { Finding } from '../../../../src/report/document.js';
import { printHtml } from '../../../../src/report/html/blocks.js';
import { html, lines, trusted } from '../../../../src/report/html/markup.js';
import { renderHtml } from '../../../../src/report/registry.js';
import { embeddedJson } from '../../../../src/result/embedded.js';
import { parseResult } from '../../../../src/result/parse.js';
import { comparisonBench, hostileBench, hugeSweep, verifyPage } from '../../../fakes/pages.js';
import { devicesResult } from '../../../fakes/results.js';
import { sweepBench } from '../../../fakes/sweeps.js';

describe('markup', () => {
  it('escapes what is inserted, and only that', () => {
    const evil = `<b a="1" b='2'>&\u202e`;
    expect(html`<i title="${evil}">${evil}${html`<b>${1}</b>`}${trusted('<hr>')}</i>`.text).toBe(
      '<i title="&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;\\u202e">' +
        '&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;\\u202e<b>1</b><hr></i>',
    );
  });

  it('leaves out what is not there', () => {
    expect(html`${undefined}${false}${''}${[html`a`, 'b', ['<']]}`.text).toBe('ab&lt;');
    expect(lines('a\n"b').text).toBe('a&#10;&quot;b');
  });
});

test('a finding shows its paragraph and its fixes', () => {
  const fixes = [{ text: 'Install it.', command: 'pip install x' }];
  const block = { kind: 'finding', state: 'fail', text: 'No.', detail: 'All on the CPU.', fixes };
  const { text } = printHtml([block as Finding]);
  expect(text).toMatch(/No\..*<p>All on the CPU\.<\/p>.*Install it\..*<code>pip install x<\/code>/);
});

describe('a page', () => {
  const pages = { comparisonBench, hostileBench, hugeSweep, sweepBench, verifyPage, devicesResult };

  it.each(Object.entries(pages))('gives its result back: %s', async (_, result) => {
    const page = await renderHtml(result);
    expect(parseResult(page)).toEqual(JSON.parse(JSON.stringify(result)));
    expect(parseResult(`\ufeff\n${page}`)).toEqual(JSON.parse(JSON.stringify(result)));
  });

  it('contains no markup from a hostile name, and nothing to load', async () => {
    const page = await renderHtml(hostileBench);
    expect(page).not.toContain('<img');
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toMatch(/\b(src|href)="(?!data:,")/);
    expect(page).not.toContain('\u202e');
    expect(page).not.toContain('\u001b');
  });

  it('is small even with 200 points of 8 devices', async () => {
    expect(Buffer.byteLength(await renderHtml(hugeSweep))).toBeLessThan(2 * 2 ** 20);
  });

  it('of somebody else, or damaged, is refused', () => {
    expect(() => parseResult('<!doctype html><p>x')).toThrow('without a result of mpsbench');
    const packed = gzipSync('{}').toString('base64');
    const page = (data: string) =>
      `<!doctype html><script type="application/gzip" id="mpsbench-result">${data}</script>`;
    expect(embeddedJson(page(packed), 'x')).toBe('{}');
    expect(() => parseResult(page(packed.slice(0, 10)))).toThrow('has a damaged result');
    // A few kilobytes that unpack to more than any result.
    const bomb = gzipSync(Buffer.alloc(300 * 2 ** 20)).toString('base64');
    expect(() => parseResult(page(bomb))).toThrow('has a damaged result');
  });
});

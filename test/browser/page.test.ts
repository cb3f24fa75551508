import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/report/registry.js';
import { parseResult } from '../../src/result/parse.js';
import type { Result } from '../../src/result/schema.js';
import { comparison, gatedBench } from '../fakes/compared.js';
import { failuresBench } from '../fakes/faulty-results.js';
import { hugeFleet, mixedFleet } from '../fakes/fleet.js';
import {
  comparisonBench,
  hostileBench,
  hugeSweep,
  noisyBench,
  verifyPage,
} from '../fakes/pages.js';
import { devicesResult, gpuBench } from '../fakes/results.js';
import { sweepBench } from '../fakes/sweeps.js';
import { browserPath, type Deeds, launch, watchPage } from './browser.js';

const PAGES: Readonly<Record<string, Result>> = {
  comparison: comparisonBench,
  sweep: sweepBench,
  failures: failuresBench,
  profile: gpuBench,
  verdicts: comparison,
  gate: gatedBench,
  fleet: mixedFleet,
  verify: verifyPage,
  devices: devicesResult,
  hostile: hostileBench,
  noisy: noisyBench,
};

/** Pictures are written here where a person wants to look at them. */
const SHOTS = process.env.MPSBENCH_SCREENSHOTS;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'mpsbench-pages-'));
let browser: Browser;

const noBrowser = 'no Chromium is installed (Debian: chromium)';

describe.skipIf(!browserPath)(`the HTML page in a browser (skipped if ${noBrowser})`, () => {
  beforeAll(async () => {
    browser = await launch();
    if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(() => browser?.close());

  async function open(
    name: string,
    result: Result,
    options: Parameters<Browser['newPage']>[0] = {},
  ): Promise<{ page: Page; deeds: Deeds; path: string }> {
    const path = join(folder, `${name}.html`);
    writeFileSync(path, await renderHtml(result));
    // The policy of the page would keep axe-core out, too.
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
    const deeds = watchPage(page);
    await page.goto(pathToFileURL(path).href);
    return { page, deeds, path };
  }

  describe.each(Object.entries(PAGES))('%s', (name, result) => {
    it('has no errors, makes no network requests, and never scrolls sideways', async () => {
      const { page, deeds } = await open(name, result);
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-light.png`), fullPage: true });
      await page.mouse.move(600, 500);
      await page.setViewportSize({ width: 390, height: 844 });
      const overflow = await page.evaluate(() => {
        return document.documentElement.scrollWidth - document.documentElement.clientWidth;
      });
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-phone.png`), fullPage: true });
      // What is drawn stays inside its picture.
      const outside = await page.evaluate(() => {
        return [...document.querySelectorAll('svg[role=img]')].flatMap((svg) => {
          const frame = svg.getBoundingClientRect();
          const shapes = [...svg.querySelectorAll('rect, path, circle')];
          return shapes
            .filter((shape) => {
              const { top, bottom, left, right } = shape.getBoundingClientRect();
              return (
                top < frame.top - 8 ||
                bottom > frame.bottom + 8 ||
                left < frame.left - 8 ||
                right > frame.right + 8
              );
            })
            .map((shape) => shape.outerHTML.slice(0, 120));
        });
      });
      expect(outside).toEqual([]);
      expect(overflow).toBeLessThanOrEqual(0);
      expect(deeds).toEqual({ errors: [], requests: [] });
      await page.close();
    });

    it.each(['light', 'dark'] as const)(
      'has no serious problem for axe-core (%s)',
      async (colorScheme) => {
        const { page } = await open(name, result, { colorScheme, bypassCSP: true });
        if (SHOTS && colorScheme === 'dark') {
          await page.screenshot({ path: join(SHOTS, `${name}-dark.png`), fullPage: true });
        }
        await page.addScriptTag({ content: AXE });
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            axe: { run(): Promise<{ violations: AxeViolation[] }> };
          };
          const found = await axe.run();
          return found.violations.map(({ id, impact, nodes }) => {
            return { id, impact, where: nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)) };
          });
        });
        const serious = violations.filter(
          ({ impact }) => impact === 'serious' || impact === 'critical',
        );
        expect(serious).toEqual([]);
        await page.close();
      },
    );

    it('gives its result back', async () => {
      const { page, path } = await open(name, result);
      expect(parseResult(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(result)));
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
      const saved = readFileSync(await download.path(), 'utf8');
      expect(parseResult(saved)).toEqual(JSON.parse(JSON.stringify(result)));
      await page.close();
    });
  });

  it('shows values on hover', async () => {
    const { page } = await open('comparison', comparisonBench);
    await page.hover('.bars li:nth-child(2) .track');
    expect(await page.textContent('#tip')).toContain('metal:0');
    expect(await page.isVisible('#tip')).toBe(true);
    await page.mouse.move(1, 1);
    expect(await page.isVisible('#tip')).toBe(false);
    await page.close();
  });

  it('copies a fix', async () => {
    const { page } = await open('verify', verifyPage, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const button = page.locator('.findings .copy').first();
    await button.click();
    // The clipboard answers later.
    await page.locator('.findings .copy', { hasText: /^(Copied|Selected)$/ }).waitFor();
    await page.close();
  });

  it('never runs markup in a device name', async () => {
    const { page, deeds } = await open('hostile', hostileBench);
    expect(await page.title()).toMatch(/· mpsbench$/);
    expect(await page.title()).not.toContain('owned');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(2);
    expect(deeds).toEqual({ errors: [], requests: [] });
    await page.close();
  });

  it('prints with everything unfolded', async () => {
    const { page } = await open('comparison', comparisonBench);
    const pdf = join(folder, 'comparison.pdf');
    await page.pdf({ path: SHOTS ? join(SHOTS, 'comparison.pdf') : pdf, format: 'A4' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('details:not([open])').count()).toBe(0);
    if (SHOTS) {
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize({ width: 760, height: 1075 });
      await page.screenshot({ path: join(SHOTS, 'comparison-print.png'), fullPage: true });
    }
    await page.close();
  });

  it.each([
    ['200 points of 8 devices', 'huge', () => hugeSweep, 2 * 2 ** 20],
    ['10,000 hosts of 6 workloads', 'huge-fleet', hugeFleet, 3 * 2 ** 20],
  ])('shows %s in few bytes, and loads in time', async (what, name, resultOf, mostBytes) => {
    const { page, deeds, path } = await open(name, resultOf());
    expect(statSync(path).size).toBeLessThan(mostBytes);
    const loaded = await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation');
      return (navigation as PerformanceNavigationTiming).domComplete;
    });
    // Told, not judged: no test asserts a duration.
    console.log(`the page of ${what}: ${statSync(path).size} bytes, ${loaded} ms`);
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-light.png`) });
    expect(deeds).toEqual({ errors: [], requests: [] });
    await page.close();
  });

  it('shows each host of a fleet on hover, and the hosts of a column where they are many', async () => {
    const { page } = await open('fleet', mixedFleet);
    await page.hover('.dots circle.slower >> nth=-1');
    expect(await page.textContent('#tip')).toMatch(/^(node21|node7|node8|a <b>)/);
    await page.close();
    const { page: huge } = await open('huge-fleet', hugeFleet());
    expect(await huge.locator('.dots circle').count()).toBe(60);
    expect(await huge.locator('.dots .many').count()).toBe(6);
    await huge.hover('.dots .column >> nth=0');
    expect(await huge.textContent('#tip')).toMatch(/hosts?, .*%\nnode\d+/);
    await huge.close();
  });
});

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

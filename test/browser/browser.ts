import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian, Ubuntu and macOS have a browser for the tests. */
const BROWSERS = [
  process.env.MPSBENCH_TEST_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser of the tests; undefined if none is installed (Debian's package is chromium). */
export const browserPath = BROWSERS.find((path) => path && existsSync(path));

export function launch(): Promise<Browser> {
  // Root needs --no-sandbox, and a container may have little /dev/shm.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  return chromium.launch({ executablePath: browserPath, args });
}

/** What a page did besides being drawn. */
export interface Deeds {
  readonly errors: string[];
  readonly requests: string[];
}

/** Keeps what a page says on its console, throws, and asks the network for. */
export function watchPage(page: Page): Deeds {
  const deeds: Deeds = { errors: [], requests: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      deeds.errors.push(message.text());
  });
  page.on('pageerror', (error) => deeds.errors.push(String(error)));
  page.on('request', (request) => {
    if (/^(https?|ws|wss|ftp):/.test(request.url())) deeds.requests.push(request.url());
  });
  return deeds;
}

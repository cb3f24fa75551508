import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type HookReport, hookReportSchema } from './hook-report.js';

/** More than 2000 ops and 200 lines of the longest texts need. */
const MOST_BYTES = 8 * 2 ** 20;
const MOST_REPORTS = 2000;
const NAME = /^python-\d+-[0-9a-f]{8}\.json$/;

export interface Collected {
  readonly reports: readonly HookReport[];
  /** Files that are no report, or beyond the limits. */
  readonly unreadable: number;
}

/** The reports that Python processes left in a folder. Never throws. */
export function collectReports(folder: string): Collected {
  const names = namesIn(folder).filter((name) => NAME.test(name));
  const reports = names
    .slice(0, MOST_REPORTS)
    .flatMap((name) => readReport(join(folder, name)) ?? []);
  return { reports, unreadable: names.length - reports.length };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readReport(path: string): HookReport | undefined {
  try {
    const parsed = hookReportSchema.safeParse(JSON.parse(readText(path)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error for anything but a file of bounded size: opening a pipe would wait for its writer */
function readText(path: string): string {
  const { size } = requireFile(path);
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(size);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

function requireFile(path: string) {
  const stats = statSync(path);
  if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error(`${path} is no report`);
  return stats;
}

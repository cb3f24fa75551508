import type { WatchRecord, WatchVerdict } from '../result/schema.js';
import { known } from './averages.js';
import { type Collected, collectReports } from './collect-reports.js';
import { findingsOf } from './findings.js';
import type { HookReport } from './hook-report.js';
import { mergeReports } from './merge-reports.js';
import { isolatingFlag } from './python-flags.js';
import type { Recorder } from './recorder.js';
import type { Ended } from './run-command.js';
import type { Sampler } from './sampler.js';
import { PERIOD_MS } from './sampler-protocol.js';
import type { WatchSettings } from './settings.js';
import { requirementOf, verdictOf } from './verdict.js';
import { watchedName } from './watched-name.js';

/** What a result of `watch` says beyond what every result says. */
export type Watched = Omit<
  WatchRecord,
  | 'schema'
  | 'tool'
  | 'reproduce'
  | 'environment'
  | 'startedAt'
  | 'seconds'
  | 'host'
  | 'command'
  | 'exitCode'
> & {
  /** Why the command did not start, as the end of a sentence. */
  readonly notStarted?: string;
  /** What the command ended with, as a shell would say it. */
  readonly commandCode: number;
};

export type End = Omit<Ended, 'by'> & { readonly by: WatchRecord['watched']['endedBy'] };

/** What is known when the command has ended. */
export interface Parts {
  readonly ended: End;
  readonly seconds: number;
  readonly samplerSeconds: number | undefined;
  readonly recorder: Recorder;
  readonly sampler: Sampler;
  /** The folder of the hook's reports. */
  readonly reports: string | undefined;
}

/** The record of a run. */
export async function assemble(settings: WatchSettings, parts: Parts): Promise<Watched> {
  const { ended, seconds, samplerSeconds, recorder, sampler, reports } = parts;
  const collected = reports === undefined ? NOTHING : collectReports(reports);
  const problem = problemOf(settings, sampler);
  const { words } = settings;
  const name = words.length > 0 ? watchedName(words) : `process ${settings.pid}`;
  const all = recorder.devices(sampler.devices);
  const devices = all.filter(({ id, held }, i) => {
    // A GPU that is hidden from the command counts where the command used it all the same.
    const isVisible = !sampler.devices[i].isHidden || held === true;
    return settings.device === undefined ? isVisible : id === settings.device;
  });
  const frameworks = mergeReports(collected.reports);
  const hasSmallBatches = frameworks.some(({ notes }) =>
    notes.some(({ code }) => code === 'small-batch'),
  );
  const crossover = hasSmallBatches ? await settings.crossover() : undefined;
  const verdict: WatchVerdict =
    ended.by === 'not-started'
      ? { state: 'not-checked', evidence: 'none', message: `${name} did not start.` }
      : verdictOf({
          name,
          seconds,
          observed: recorder.observed,
          devices,
          frameworks,
          ...(problem !== undefined && { problem }),
        });
  const required =
    settings.requiredShare === undefined
      ? undefined
      : requirementOf(settings.requiredShare, verdict, devices);
  return {
    watched: known({
      name,
      words: [...words],
      pid: settings.pid,
      attached: settings.pid !== undefined,
      seconds,
      endedBy: ended.by,
      exitCode: settings.pid === undefined && !ended.signal ? ended.code : undefined,
      signal: ended.signal,
      ...recorder.processes(),
    }),
    verdict,
    ...(required && { required }),
    devices,
    sampling: known({
      samples: recorder.samples,
      periodS: PERIOD_MS / 1000,
      cpuSeconds: samplerSeconds,
      problem,
    }),
    timeline: recorder.timeline().map((point) => ({
      ...point,
      // Before the sensors were open, there is a time without devices.
      devices: devices.map((device) => point.devices[all.indexOf(device)] ?? {}),
    })),
    hook: hookRecord(reports === undefined, collected.reports),
    frameworks,
    findings: findingsOf({
      verdict,
      devices,
      frameworks,
      ...(crossover && { crossover }),
    }),
    warnings: [
      ...(reports === undefined ? [] : isolatedWarnings(words, collected)),
      ...unreadableWarnings(collected),
    ],
    ...(ended.reason !== undefined && { notStarted: ended.reason }),
    commandCode: ended.code,
  };
}

/** Why there is nothing to say of GPUs, or not of all. */
function problemOf({ device }: WatchSettings, { devices, problem }: Sampler): string | undefined {
  if (device === undefined || devices.some(({ id }) => id === device)) return problem;
  const ids = devices.map(({ id }) => id).join(', ') || 'none';
  return [`There is no GPU ${device} here; GPUs with sensors: ${ids}.`, problem]
    .filter(Boolean)
    .join(' ');
}

function hookRecord(isOff: boolean, reports: readonly HookReport[]): Watched['hook'] {
  const withFramework = reports.filter(({ frameworks }) => frameworks.length > 0);
  const overheads = withFramework.map(({ hookNs, startedNs, writtenNs }) =>
    writtenNs > startedNs ? hookNs / (writtenNs - startedNs) : 0,
  );
  return {
    state: isOff ? 'off' : withFramework.length > 0 ? 'loaded' : 'not-loaded',
    processes: reports.length,
    ...(overheads.length > 0 && { overhead: Math.min(1, Math.max(...overheads)) }),
    errors: [...new Set(reports.flatMap(({ errors }) => errors))].slice(0, 20),
  };
}

/** A Python that was told to leave our hook out: nothing may be concluded from its silence. */
function isolatedWarnings(words: readonly string[], { reports }: Collected): Watched['warnings'] {
  const flag = reports.length === 0 ? isolatingFlag(words) : undefined;
  if (flag === undefined) return [];
  return [
    {
      name: 'hook-not-loaded',
      message: `Python was started with ${flag} and did not load the hook: ops, copies and waits are unknown.`,
      advice: `Start it without ${flag}, or pass --ops off if the sensors are enough.`,
    },
  ];
}

function unreadableWarnings({ unreadable }: Collected): Watched['warnings'] {
  if (unreadable === 0) return [];
  return [
    {
      name: 'unreadable-report',
      message: `${unreadable} ${unreadable === 1 ? 'report' : 'reports'} of Python processes could not be read: their ops are missing here.`,
      advice: '',
    },
  ];
}

const NOTHING: Collected = { reports: [], unreadable: 0 };

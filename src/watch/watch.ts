import { MpsbenchError } from '../errors.js';
import type { WatchRecord, WatchVerdict } from '../result/schema.js';
import { known } from './averages.js';
import { type Collected, collectReports } from './collect-reports.js';
import { type Crossover, findingsOf } from './findings.js';
import { type HookFolder, prepareHook } from './hook-environment.js';
import type { HookReport } from './hook-report.js';
import { mergeReports } from './merge-reports.js';
import type { OpsChoice } from './ops-choices.js';
import { Recorder } from './recorder.js';
import { type Ended, runCommand } from './run-command.js';
import { wordsOfProcess } from './running-process.js';
import { Sampler } from './sampler.js';
import { PERIOD_MS } from './sampler-protocol.js';
import { requirementOf, verdictOf } from './verdict.js';
import { watchedName } from './watched-name.js';

export interface WatchSettings {
  /** What to run; empty with `pid`. */
  readonly words: readonly string[];
  /** Watch this process, which runs already. */
  readonly pid?: number;
  readonly durationS?: number;
  readonly ops: OpsChoice;
  /** Only this GPU. */
  readonly device?: string;
  /** --require-gpu */
  readonly requiredShare?: number;
  readonly crossover: () => Promise<Crossover | undefined>;
  /** Ends the watching of a process, and what is done before a command starts. */
  readonly signal: AbortSignal;
  /** Called when signals are passed on to the command. */
  takeSignals(): void;
}

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

/** Runs a command, or watches a process that runs, and says what reached the GPU. */
export async function watch(settings: WatchSettings): Promise<Watched> {
  const { pid, ops } = settings;
  const words = pid === undefined ? settings.words : wordsOfProcess(pid);
  const startNs = now();
  let recorder = new Recorder(startNs);
  let onGone = () => {};
  const sampler = new Sampler({
    onSample: (sample) => recorder.add(sample),
    onGone: () => onGone(),
  });
  const hook = pid === undefined && ops !== 'off' ? tryHook(ops) : undefined;
  try {
    await sampler.ready();
    if (settings.signal.aborted) throw new MpsbenchError('interrupted', 'Interrupted.');
    let startedNs = now();
    recorder = new Recorder(startedNs);
    const ended =
      pid === undefined
        ? await runCommand(words, {
            env: hook?.env ?? process.env,
            ...(settings.durationS !== undefined && { durationMs: settings.durationS * 1000 }),
            takeSignals: settings.takeSignals,
            onStarted: (child) => {
              startedNs = now();
              recorder = new Recorder(startedNs);
              sampler.watch(child);
            },
            reachedGroup: (signal) => sampler.received(signal),
          })
        : await attach(pid, settings, sampler, (listener) => {
            onGone = listener;
          });
    const seconds = (now() - startedNs) / 1e9;
    const samplerSeconds = await sampler.stop();
    const collected = hook ? collectReports(hook.reports) : { reports: [], unreadable: 0 };
    const crossover = await settings.crossover();
    return assemble(
      { ...settings, words },
      {
        ...{ ended, startedNs, seconds, samplerSeconds, recorder, sampler, hook, collected },
        ...(crossover && { crossover }),
      },
    );
  } finally {
    void sampler.stop();
    hook?.remove();
  }
}

const now = () => Number(process.hrtime.bigint());

/** Without a temporary folder there is no hook, and the command runs all the same. */
function tryHook(ops: OpsChoice): HookFolder | undefined {
  try {
    return prepareHook(ops);
  } catch {
    return undefined;
  }
}

type End = Omit<Ended, 'by'> & { readonly by: WatchRecord['watched']['endedBy'] };

/** Watches a process until it ends, the time is over, or Ctrl-C. */
function attach(
  pid: number,
  { durationS, signal }: WatchSettings,
  sampler: Sampler,
  onGone: (listener: () => void) => void,
): Promise<End> {
  return new Promise((resolve) => {
    let limit: NodeJS.Timeout | undefined;
    const end = (by: End['by']) => {
      clearTimeout(limit);
      resolve({ by, code: 0 });
    };
    if (durationS !== undefined) limit = setTimeout(end, durationS * 1000, 'duration');
    // Keeps this process alive, whatever becomes of the sampler.
    limit ??= setTimeout(() => {}, 2 ** 31 - 1);
    onGone(() => end('itself'));
    if (signal.aborted) end('interrupt');
    else signal.addEventListener('abort', () => end('interrupt'), { once: true });
    sampler.watch(pid);
  });
}

interface Parts {
  readonly ended: End;
  /** By CLOCK_MONOTONIC. */
  readonly startedNs: number;
  readonly seconds: number;
  readonly samplerSeconds: number | undefined;
  readonly recorder: Recorder;
  readonly sampler: Sampler;
  readonly hook: HookFolder | undefined;
  readonly collected: Collected;
  readonly crossover?: Crossover;
}

function assemble(settings: WatchSettings, parts: Parts): Watched {
  const {
    ended,
    startedNs,
    seconds,
    samplerSeconds,
    recorder,
    sampler,
    hook,
    collected,
    crossover,
  } = parts;
  const { words } = settings;
  const name = words.length > 0 ? watchedName(words) : `process ${settings.pid}`;
  const all = recorder.devices(sampler.devices);
  const devices = all.filter(({ id, held }, i) => {
    // A GPU that is hidden from the command counts where the command used it all the same.
    const isVisible = !sampler.devices[i].isHidden || held === true;
    return settings.device === undefined ? isVisible : id === settings.device;
  });
  const frameworks = mergeReports(collected.reports);
  const verdict: WatchVerdict =
    ended.by === 'not-started'
      ? { state: 'not-checked', evidence: 'none', message: `${name} did not start.` }
      : verdictOf({
          name,
          seconds,
          sampledS: recorder.endNs === undefined ? 0 : (recorder.endNs - startedNs) / 1e9,
          devices,
          frameworks,
          ...(sampler.problem !== undefined && { problem: sampler.problem }),
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
      problem: sampler.problem,
    }),
    timeline: recorder.timeline().map((point) => ({
      ...point,
      devices: point.devices.filter((_, i) => devices.includes(all[i])),
    })),
    hook: hookRecord(settings.ops === 'off' || !hook, collected.reports),
    frameworks,
    findings: findingsOf({
      verdict,
      devices,
      frameworks,
      ...(crossover && { crossover }),
    }),
    warnings: warningsOf(collected),
    ...(ended.reason !== undefined && { notStarted: ended.reason }),
    commandCode: ended.code,
  };
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

function warningsOf({ unreadable }: Collected): Watched['warnings'] {
  if (unreadable === 0) return [];
  return [
    {
      name: 'unreadable-report',
      message: `${unreadable} ${unreadable === 1 ? 'report' : 'reports'} of Python processes could not be read: their ops are missing here.`,
      advice: '',
    },
  ];
}

import { MpsbenchError } from '../errors.js';
import type { End, Watched } from './assemble.js';
import { type HookFolder, prepareHook } from './hook-environment.js';
import type { OpsChoice } from './ops-choices.js';
import { Recorder } from './recorder.js';
import { runCommand } from './run-command.js';
import { wordsOfProcess } from './running-process.js';
import { Sampler } from './sampler.js';
import type { WatchSettings } from './settings.js';

/** Runs a command, or watches a process that runs, and says what reached the GPU. */
export async function watch(settings: WatchSettings): Promise<Watched> {
  const { pid, ops } = settings;
  const words = pid === undefined ? settings.words : wordsOfProcess(pid);
  let startedNs = now();
  let recorder = new Recorder(startedNs);
  let onGone = () => {};
  const sampler = new Sampler({
    onSample: (sample) => recorder.add(sample),
    onGone: () => onGone(),
  });
  const hook = pid === undefined && ops !== 'off' ? tryHook(ops) : undefined;
  try {
    if (settings.signal.aborted) throw new MpsbenchError('interrupted', 'Interrupted.');
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
    // What reads reports is loaded now: it would only have delayed the command.
    const { assemble } = await import('./assemble.js');
    const reports = hook?.reports;
    return await assemble(
      { ...settings, words },
      { ended, seconds, samplerSeconds, recorder, sampler, reports },
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

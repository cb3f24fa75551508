import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MonitorInfo } from '../backends/types.js';
import { workerEnvironment } from '../runner/worker-environment.js';
import type { FromSampler, Sample, ToSampler } from './sampler-protocol.js';

const SAMPLER = fileURLToPath(new URL('./sampler-process.js', import.meta.url));

const ANSWER_LIMIT_MS = 2_000;
const EXIT_LIMIT_MS = 300;
/** Drivers that start take a second or two, and a short command has ended before. */
const STOP_LIMIT_MS = 3_000;

export interface SamplerEvents {
  onSample(sample: Sample): void;
  /** The watched process has ended. */
  onGone?(): void;
}

/** The parent's side of the sampler process. Whatever happens there, nothing here fails. */
export class Sampler {
  readonly #child: ChildProcess;
  readonly #events: SamplerEvents;
  #devices: readonly MonitorInfo[] = [];
  #problem: string | undefined;
  #isReady = false;
  readonly #answers = new Map<NodeJS.Signals, (yes: boolean) => void>();
  #onStopped: (cpuSeconds?: number) => void = () => {};
  #isStopping = false;
  /** After `#endedBy` is known. */
  readonly #exited: Promise<void>;
  #endedBy: NodeJS.Signals | undefined;

  constructor(events: SamplerEvents) {
    this.#events = events;
    this.#child = fork(SAMPLER, [], {
      env: workerEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (message) => this.#receive(message as FromSampler));
    this.#child.on('error', ({ message }) => this.#end(`The sampler cannot start: ${message}.`));
    this.#child.on('exit', (code, signal) => {
      this.#end(`The sampler ended early (${signal ?? `exit code ${code}`}).`, signal);
    });
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
  }

  /** The GPUs that are read; none before the sensors are open. */
  get devices(): readonly MonitorInfo[] {
    return this.#devices;
  }

  /** Why there are no samples, or not all: a sentence. */
  get problem(): string | undefined {
    return this.#problem ?? (this.#isReady ? undefined : 'The sensors did not open in time.');
  }

  get #isAlive(): boolean {
    return this.#child.connected;
  }

  watch(pid: number): void {
    this.#tell({ kind: 'watch', pid });
  }

  /**
   * Whether a signal that this process received went to the whole process group, and so to the command too.
   * Undefined where the sampler does not say.
   */
  async received(signal: NodeJS.Signals): Promise<boolean | undefined> {
    if (!this.#isAlive) {
      // Its channel closes before it is known what ended it.
      await Promise.race([this.#exited, sleep(EXIT_LIMIT_MS)]);
      return this.#endedBy === signal || undefined;
    }
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, ANSWER_LIMIT_MS, undefined);
      this.#answers.set(signal, (yes) => {
        clearTimeout(limit);
        resolve(yes);
      });
      this.#tell({ kind: 'received?', signal });
    });
  }

  /** Ends the sampler. @returns the CPU time that it took; undefined where it does not say */
  stop(): Promise<number | undefined> {
    this.#isStopping = true;
    if (!this.#isAlive) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        this.#child.kill('SIGKILL');
        resolve(undefined);
      }, STOP_LIMIT_MS);
      this.#onStopped = (cpuSeconds) => {
        clearTimeout(limit);
        resolve(cpuSeconds);
      };
      this.#tell({ kind: 'stop' });
    });
  }

  #tell(message: ToSampler): void {
    if (this.#isAlive) this.#child.send(message, () => {});
  }

  #receive(message: FromSampler): void {
    switch (message.kind) {
      case 'ready':
        this.#devices = message.devices;
        this.#problem = message.problem;
        this.#isReady = true;
        break;
      case 'sample':
        this.#events.onSample(message.sample);
        break;
      case 'gone':
        this.#events.onGone?.();
        break;
      case 'received':
        this.#answers.get(message.signal)?.(message.yes);
        this.#answers.delete(message.signal);
        break;
      case 'stopped':
        this.#onStopped(message.cpuSeconds);
        break;
      default:
        throw message satisfies never;
    }
  }

  /** @param by a signal that ended it before it listened to it, as one to the whole group does */
  #end(problem: string, by?: NodeJS.Signals | null): void {
    if (!this.#isStopping) this.#problem ??= problem;
    this.#onStopped();
    this.#endedBy = by ?? undefined;
    for (const [signal, answer] of this.#answers) answer(signal === by);
  }
}

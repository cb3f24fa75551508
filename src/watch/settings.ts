import type { Crossover } from './findings.js';
import type { OpsChoice } from './ops-choices.js';

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

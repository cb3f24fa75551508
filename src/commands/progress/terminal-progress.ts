import type { Ora } from 'ora';
import type { Part, Progress } from '../../bench/progress.js';
import { printable } from '../../text/printable.js';
import { formatDuration, secondsLeft } from './time-left.js';

/** How often the time is brought up to date. */
const REFRESH_MS = 500;

/** What of a spinner is used here. */
export interface Spinner extends Pick<Ora, 'text'> {
  start(): unknown;
  stop(): unknown;
}

/** One line that shows what runs, which part it is, the time so far, and an estimate. */
export class TerminalProgress implements Progress {
  readonly #spinner: Spinner;
  readonly #now: () => number;
  readonly #writeNote: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #startedS: number;
  readonly #finishedS: number[] = [];
  #phaseStartedS: number;
  #part: Part | undefined;
  #text: string;

  /** @param now seconds */
  constructor(
    spinner: Spinner,
    text: string,
    now = () => performance.now() / 1000,
    writeNote = (note: string): void => void process.stderr.write(note),
  ) {
    this.#writeNote = writeNote;
    this.#spinner = spinner;
    this.#now = now;
    this.#startedS = now();
    this.#phaseStartedS = this.#startedS;
    this.#text = text;
    this.#timer = setInterval(() => this.#show(), REFRESH_MS);
    this.#timer.unref();
    this.#show();
    spinner.start();
  }

  phase(text: string, part?: Part): void {
    const now = this.#now();
    if (this.#part) this.#finishedS.push(now - this.#phaseStartedS);
    this.#phaseStartedS = now;
    this.#part = part;
    this.update(text);
  }

  update(text: string): void {
    this.#text = printable(text);
    this.#show();
  }

  note(text: string): void {
    this.print(() => this.#writeNote(`${printable(text)}\n`));
  }

  print(write: () => void): void {
    this.#spinner.stop();
    write();
    this.#spinner.start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#spinner.stop();
  }

  #show(): void {
    const now = this.#now();
    const elapsed = formatDuration(now - this.#startedS);
    const part = this.#part;
    if (!part) {
      this.#spinner.text = `${this.#text} (${elapsed})`;
      return;
    }
    const left = secondsLeft({
      ...part,
      finishedS: this.#finishedS,
      currentS: now - this.#phaseStartedS,
    });
    const { step, steps } = part;
    this.#spinner.text = `[${step}/${steps}] ${this.#text} (${elapsed}, about ${formatDuration(left)} left)`;
  }
}

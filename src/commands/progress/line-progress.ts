import type { Part, Progress } from '../../bench/progress.js';
import { printable } from '../../text/printable.js';

/** For logs: one line per phase, and nothing in between. */
export class LineProgress implements Progress {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  phase(text: string, part?: Part): void {
    this.#write(`${part ? `[${part.step}/${part.steps}] ` : ''}${printable(text)} ...\n`);
  }

  update(): void {}

  note(text: string): void {
    this.#write(`${printable(text)}\n`);
  }

  print(write: () => void): void {
    write();
  }

  stop(): void {}
}

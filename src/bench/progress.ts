/** Tells the user what a long task is doing. */
export interface Progress {
  /** Begins a part of the task; off a terminal this prints a line. */
  phase(text: string, part?: Part): void;
  /** What happens within the phase; shown on a terminal only. */
  update(text: string): void;
  /** Lets something be printed to stdout while the task continues. */
  print(write: () => void): void;
  /** Says something that stays on the screen. */
  note(text: string): void;
  /** Clears the line, so that a table can follow. */
  stop(): void;
}

/** Which part of a task a phase is. */
export interface Part {
  /** From 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Seconds that a step is expected to take, for an estimate before one has ended. */
  readonly expectedS: number;
}

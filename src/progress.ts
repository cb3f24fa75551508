/** Tells the user what a long task is doing. */
export interface Progress {
  update(text: string): void;
  /** Says something that stays on the screen. */
  note(text: string): void;
  /** Clears the line, so that a table can follow. */
  stop(): void;
}

/** Time left of a task with several steps. */

export interface TaskTimes {
  /** Seconds of each step that has ended. */
  readonly finishedS: readonly number[];
  /** Seconds since the current step began. */
  readonly currentS: number;
  /** The current step, from 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Seconds that a step is expected to take; used until one has ended. */
  readonly expectedS: number;
}

/** Seconds left, if the steps to come take as long as those that have ended, on average. */
export function secondsLeft({ finishedS, currentS, step, steps, expectedS }: TaskTimes): number {
  const sum = finishedS.reduce((total, seconds) => total + seconds, 0);
  const each = finishedS.length > 0 ? sum / finishedS.length : expectedS;
  return Math.max(0, each - currentS) + each * (steps - step);
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return withRest(`${minutes} min`, whole % 60, 's');
  return withRest(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min');
}

function withRest(text: string, rest: number, unit: string): string {
  return rest === 0 ? text : `${text} ${rest} ${unit}`;
}

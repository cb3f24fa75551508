/**
 * How iterations are cut into command buffers. A command buffer holds many iterations, because each
 * submission costs some microseconds; but not so many that encoding takes long memory, nor so long a
 * time on the device that an operating system's watchdog (2 s on Windows) resets it.
 */
import { TIMED_PASSES } from './timestamps.js';

const LAUNCHES_PER_COMMAND_BUFFER = 2_048;
const LONGEST_COMMAND_BUFFER_NS = 250e6;

/** Iterations of each command buffer; at most TIMED_PASSES buffers. */
export function planSubmission(
  iterations: number,
  launchesPerIteration: number,
  estimatedNsPerIteration: number | undefined,
): number[] {
  const byLaunches = Math.floor(LAUNCHES_PER_COMMAND_BUFFER / Math.max(1, launchesPerIteration));
  const byTime = estimatedNsPerIteration
    ? Math.floor(LONGEST_COMMAND_BUFFER_NS / estimatedNsPerIteration)
    : 1;
  const least = Math.ceil(iterations / TIMED_PASSES);
  const each = Math.max(least, 1, Math.min(byLaunches, byTime));
  const plan: number[] = [];
  for (let left = iterations; left > 0; left -= each) plan.push(Math.min(each, left));
  return plan;
}

/**
 * What decides how GCC's OpenMP runtime waits. A user who sets one of them has chosen; `verify` and the
 * result show it.
 */
const WAITING = ['OMP_WAIT_POLICY', 'GOMP_SPINCOUNT'];

/**
 * The environment of a worker process.
 *
 * GCC's OpenMP runtime, which oneDNN, OpenBLAS and our own kernels share, spins for milliseconds at the
 * end of each parallel loop before it sleeps. On a busy machine the thread it waits for cannot run
 * meanwhile, and a loop of 0.1 ms takes two ticks of the scheduler. A thousand turns (some 10 us) are
 * enough while every thread has a CPU of its own, and cost next to nothing otherwise. See docs/measurement.md.
 */
export function workerEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  if (WAITING.some((name) => env[name] !== undefined)) return { ...env };
  return { ...env, GOMP_SPINCOUNT: '1000' };
}

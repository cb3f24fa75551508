import { type ErrorRecord, MpsbenchError } from '../errors.js';
import type { Disturbance, Sample, StoppedBy } from '../result/schema.js';
import { calibrate, iterationsFor, targetSampleNs } from './calibrate.js';
import type { ClockCost } from './clock.js';
import { disturbanceOf } from './disturbance.js';
import { medianInterval, relativeHalfWidth } from './median-interval.js';
import { Series, wallPerIteration } from './series.js';
import { median, quantile, relativeNoise } from './statistics.js';
import { OVERRUN, Stopping } from './stopping/index.js';
import { Sensors } from './telemetry.js';
import type { Clock, MeasureOptions, MeasureProgress, SampledRun, Subject } from './types.js';
import { resume, resumeNs, warmUp } from './warmup.js';

const MILLISECOND = 1e6;

/** A block is a sixteenth of the budget within these limits: many blocks, but few switches. */
const BLOCKS_PER_BUDGET = 16;
const SHORTEST_BLOCK_NS = 50 * MILLISECOND;
const LONGEST_BLOCK_NS = 250 * MILLISECOND;
/** A block that takes this many times its planned time is cut short. */
const BLOCK_OVERRUN = 2;
/** How far a run may exceed its plan, and for slow iterations. */
const LIMIT_RESERVE_NS = 60_000 * MILLISECOND;
const MOST_LONG_CALLS = 20;
/** Resamples during sampling; the result gets more. */
const QUICK_RESAMPLES = 300;

export interface SamplerEnvironment {
  readonly clock: Clock;
  readonly clockCost: ClockCost;
  readonly deviceResolutionNs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: MeasureProgress) => void) | undefined;
}

/** One run of one subject: calibration, warm-up, sampling. */
export class Sampler {
  readonly #subject: Subject;
  readonly #options: MeasureOptions;
  readonly #env: SamplerEnvironment;
  readonly #blockNs: number;
  readonly #stopping: Stopping;
  readonly #sensors: Sensors;
  readonly #series = new Series();
  readonly #warmup: Sample[] = [];
  #warmUpSettled = true;
  readonly #startNs: number;
  #iterations = 1;
  #iterationNs = 0;
  /** Of an iteration, since the warm-up or the last block. */
  #steadyNs = 0;
  #samplingNs = 0;
  #lastEndNs = 0;
  #callsNs = 0;
  #longestCallNs = 0;
  #relativeInterval: number | undefined;
  #stoppedBy: StoppedBy | undefined;
  #error: ErrorRecord | undefined;

  constructor(subject: Subject, options: MeasureOptions, env: SamplerEnvironment) {
    this.#subject = subject;
    this.#options = options;
    this.#env = env;
    this.#startNs = env.clock.nowNs();
    this.#stopping = new Stopping(options);
    this.#sensors = new Sensors(env.clock, subject.telemetry?.bind(subject));
    this.#blockNs = Math.min(
      Math.max(options.timeBudgetNs / BLOCKS_PER_BUDGET, SHORTEST_BLOCK_NS),
      LONGEST_BLOCK_NS,
    );
  }

  get id(): string {
    return this.#subject.id;
  }

  get isFinished(): boolean {
    return this.#stoppedBy !== undefined;
  }

  /** Calibrates, then warms up. Never throws: a failure ends the run. */
  async prepare(): Promise<void> {
    await this.#guard(async () => {
      const { warmupNs, timeBudgetNs } = this.#options;
      const { clock, clockCost, deviceResolutionNs } = this.#env;
      const sampleNs = targetSampleNs(this.#options, clockCost, deviceResolutionNs);
      const runOne = async (iterations: number) => (await this.#run(iterations, 1))[0] as Sample;
      const startNs = clock.nowNs();
      const calibration = await calibrate(runOne, sampleNs, Math.max(warmupNs, sampleNs));
      this.#warmup.push(...calibration.trials);
      this.#iterations = calibration.iterationsPerSample;
      this.#iterationNs = calibration.iterationNs;

      const trialNs = clock.nowNs() - startNs;
      // A trial as long as the whole budget has warmed it up already.
      const warmedUp = await warmUp(
        (durationNs) => this.#warmBlock(durationNs),
        clock,
        trialNs > timeBudgetNs && trialNs > warmupNs ? 0 : warmupNs,
      );
      this.#warmup.push(...warmedUp.samples);
      this.#warmUpSettled = warmedUp.settled;
      const last = warmedUp.samples.slice(-10).map(wallPerIteration);
      if (last.length > 0) this.#iterationNs = median(last);
      this.#iterations = iterationsFor(this.#iterationNs, sampleNs);
      this.#steadyNs = this.#iterationNs;
    });
  }

  /** Samples one block. Never throws: a failure ends the run. */
  async sampleBlock(): Promise<void> {
    await this.#guard(async () => {
      await this.#resume();
      const { clock } = this.#env;
      const { maxSamples } = this.#options;
      const startNs = clock.nowNs();
      const left = maxSamples - this.#series.samples.length;
      const samples = await this.#run(
        this.#iterations,
        Math.min(this.#samplesFor(this.#blockNs), left),
      );
      this.#samplingNs += activeNs(clock.nowNs() - startNs, samples);
      this.#steadyNs = median(samples.map(wallPerIteration));
      this.#series.addBlock(this.#sensors.labelBlock(samples));
      this.#look();
      this.#progress('sampling');
    });
  }

  /** Looks at the sensors once more, after everything. */
  async finish(): Promise<void> {
    if (this.#error === undefined) await this.#sensors.finish();
  }

  /** Ends a run that is not finished: the user wants no more of it. */
  interrupt(): void {
    if (this.isFinished) return;
    this.#error = new MpsbenchError(
      'interrupted',
      'The measurement was interrupted.',
      'What was measured until then is kept.',
    ).toJSON();
    this.#stoppedBy = 'interrupt';
  }

  result(): SampledRun {
    const { clockCost, deviceResolutionNs } = this.#env;
    const telemetry = this.#sensors.telemetry();
    return {
      computesOnCpu: this.#subject.computesOnCpu ?? false,
      iterationsPerSample: this.#iterations,
      warmup: this.#warmup,
      warmUpSettled: this.#warmUpSettled,
      samples: this.#series.samples,
      blocks: this.#series.blocks,
      ...(telemetry && { telemetry }),
      stoppedBy: this.#stoppedBy ?? 'interrupt',
      startNs: this.#startNs,
      clockStepNs: clockCost.stepNs,
      ...(deviceResolutionNs !== undefined && { deviceResolutionNs }),
      ...(this.#error && { error: this.#error }),
    };
  }

  /** After a pause: runs, uncounted, for a little while; a GPU until it is as fast as before. */
  async #resume(): Promise<void> {
    const { clock } = this.#env;
    const { warmupNs } = this.#options;
    const durationNs = resumeNs(clock.nowNs() - this.#lastEndNs, warmupNs, this.#iterationNs);
    if (durationNs <= 0) return;
    const runFor = (ns: number) => this.#warmBlock(ns, this.#iterations);
    // A CPU's clocks are back within milliseconds.
    const patienceNs = this.#subject.computesOnCpu ? 0 : warmupNs;
    this.#warmup.push(...(await resume(runFor, clock, durationNs, patienceNs, this.#steadyNs)));
  }

  async #warmBlock(durationNs: number, iterations = this.#iterations): Promise<readonly Sample[]> {
    const samples = await this.#run(iterations, this.#samplesFor(durationNs));
    this.#progress('warm-up');
    return samples;
  }

  #samplesFor(durationNs: number): number {
    const sampleNs = Math.max(1, this.#iterationNs * this.#iterations);
    return Math.max(1, Math.round(durationNs / sampleNs));
  }

  async #run(iterations: number, samples: number): Promise<readonly Sample[]> {
    const startNs = this.#env.clock.nowNs();
    this.#requireTime();
    await this.#sensors.beforeRun();
    const block = await unlessAborted(
      this.#subject.run({
        iterations,
        samples,
        mode: this.#options.mode,
        maxNs: BLOCK_OVERRUN * this.#blockNs,
      }),
      this.#env.signal,
    );
    checkSamples(this.id, block);
    await this.#sensors.afterRun(block);
    // Reading the sensors takes a few milliseconds, in which clocks do not fall: no pause.
    this.#lastEndNs = this.#env.clock.nowNs();
    this.#callsNs += this.#lastEndNs - startNs;
    this.#longestCallNs = Math.max(this.#longestCallNs, this.#lastEndNs - startNs);
    return block;
  }

  /** The end of any run, whatever a backend answers: by our own clock, and by nothing that is read. */
  #requireTime(): void {
    const { timeBudgetNs, warmupNs } = this.#options;
    const plannedNs = OVERRUN * (timeBudgetNs + warmupNs) + LIMIT_RESERVE_NS;
    const limitNs = 2 * plannedNs + MOST_LONG_CALLS * this.#longestCallNs;
    if (this.#callsNs <= limitNs) return;
    throw new MpsbenchError(
      'implausible',
      `${this.id} did not come to an end: its times do not fit the ${Math.round(this.#callsNs / 1e9)} s that it took.`,
      'Update the driver, and trust no time of this device until then; please report it.',
    );
  }

  /** Looks at all samples so far, and lets the stopping rules decide. */
  #look(): void {
    const { sortedWallNs: sorted, wallNs, blocks } = this.#series;
    const middle = quantile(sorted, 0.5);
    const interval = medianInterval(wallNs, blocks, { sorted, resamples: QUICK_RESAMPLES });
    this.#relativeInterval = relativeHalfWidth(middle, interval);
    this.#stopping.add({
      samples: sorted.length,
      elapsedNs: this.#samplingNs,
      relativeInterval: this.#relativeInterval,
      noise: relativeNoise(sorted),
      isDisturbed: this.#disturbance()?.unreliable ?? false,
    });
    this.#stoppedBy = this.#stopping.stoppedBy();
  }

  #disturbance(): Disturbance | undefined {
    return disturbanceOf(this.#series.samples, this.#subject.computesOnCpu ?? false);
  }

  #progress(phase: MeasureProgress['phase']): void {
    this.#env.onProgress?.({
      subject: this.id,
      phase,
      samples: this.#series.samples.length,
      ...(this.#relativeInterval !== undefined && { relativeInterval: this.#relativeInterval }),
    });
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (this.#env.signal?.aborted) return this.interrupt();
      this.#error = MpsbenchError.from(thrown).toJSON();
      this.#stoppedBy = 'failure';
    }
  }
}

/** Of the time of a block, what was not spent on samples that were dropped because the worker was stopped. */
function activeNs(elapsedNs: number, samples: readonly Sample[]): number {
  const wallNs = samples.reduce((sum, sample) => sum + sample.wallNs, 0);
  const lostNs = samples.reduce((sum, { activity }) => sum + (activity?.suspendedNs ?? 0), 0);
  return Math.max(elapsedNs - lostNs, Math.min(elapsedNs, wallNs));
}

/**
 * Nothing may enter the statistics that is not a time. Backends are checked where they answer; this
 * holds for every subject.
 */
function checkSamples(subject: string, samples: readonly Sample[]): void {
  const sound = ({ iterations, wallNs, deviceNs = 0 }: Sample) =>
    iterations >= 1 && Number.isFinite(wallNs) && wallNs >= 0 && deviceNs >= 0;
  if (samples.length > 0 && samples.every(sound)) return;
  throw new MpsbenchError(
    'implausible',
    `${subject} returned ${samples.length === 0 ? 'no samples' : 'a sample without a valid time'}.`,
    'This is a bug in the backend; please report it.',
  );
}

/** Rejects as soon as the signal is aborted; the run itself cannot be called back. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new MpsbenchError('interrupted', 'The measurement was interrupted.'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => {});
  }
}

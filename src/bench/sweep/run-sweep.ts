import { bisectionSize } from '../../measure/crossover.js';
import { optionsOfRun } from '../../measure/measure.js';
import { curvesOf } from '../../result/curves.js';
import type {
  Coordinates,
  DeviceInfo,
  KernelLevel,
  Row,
  SkippedPoint,
  SweepRecord,
} from '../../result/schema.js';
import type { Budget } from '../budget.js';
import { DeviceJob, type JobSettings, RunHistory } from '../device-job.js';
import { measureJobs } from '../measure-jobs.js';
import type { Progress } from '../progress.js';
import { addSpeedups, makeRow } from '../row.js';
import type { Selection } from '../select-devices.js';
import type { BenchSettings, ComparedWorkload } from '../settings.js';
import { curveCrossover, curveOverhead } from './curves.js';
import { describePlan } from './describe-plan.js';
import { fittingPoints } from './fitting.js';
import { AUTOMATIC_FACTOR, coarseFirst, type SweepPlan, type SweepPoint } from './plan.js';
import { WorkerPool } from './worker-pool.js';

/** A sweep that chooses its own sizes ends when an iteration would take longer. */
const LONGEST_ITERATION_NS = 2e9;
/** Each halves a bracket on a logarithmic scale: from a factor of 4 to 1.25 in three. */
const MOST_BISECTIONS = 8;

export interface SweepContext {
  readonly settings: JobSettings;
  readonly selection: Selection;
  readonly signal: AbortSignal;
  readonly budget: Budget;
  readonly progress: Progress;
  /** The level of kernels that `auto` stands for, and every other choice for itself. */
  levelOf(choices: Pick<BenchSettings, 'kernels' | 'engine'>): KernelLevel;
}

export interface SweepOutcome {
  readonly rows: readonly Row[];
  readonly fallbacks: readonly DeviceInfo[];
  readonly sweep: SweepRecord;
}

/**
 * Measures every point of a sweep on every device, and then sizes between those where the fastest device changes.
 * Points share opened devices and workers; each run goes through all of them with fresh ones, so that a sweep that
 * is cut short still has every size.
 */
export async function runSweep(
  { workload }: Pick<ComparedWorkload, 'workload'>,
  plan: SweepPlan,
  context: SweepContext,
): Promise<SweepOutcome> {
  const sweep = new Sweep(workload, plan, context);
  await sweep.measureGrid();
  await sweep.bisect();
  return sweep.outcome();
}

/** What is known of one point, over all runs. */
interface PointState {
  readonly point: SweepPoint;
  readonly histories: readonly RunHistory[];
}

class Sweep {
  readonly #workload: ComparedWorkload['workload'];
  readonly #plan: SweepPlan;
  readonly #context: SweepContext;
  readonly #states = new Map<string, PointState>();
  readonly #skipped = new Map<string, SkippedPoint>();

  constructor(workload: ComparedWorkload['workload'], plan: SweepPlan, context: SweepContext) {
    this.#workload = workload;
    this.#plan = plan;
    this.#context = context;
  }

  /** The points requested. */
  async measureGrid(): Promise<void> {
    const { settings, selection, budget, progress } = this.#context;
    const { points, isAutomatic } = this.#plan;
    const fitting = isAutomatic
      ? fittingPoints(this.#workload, points, selection.devices)
      : { points, skipped: [] };
    for (const skipped of fitting.skipped) this.#skip(skipped);
    progress.note(
      describePlan(this.#workload, this.#plan, {
        points: fitting.points.length,
        devices: selection.devices.length,
        settings,
        leftNs: budget.leftNs,
      }),
    );
    // An automatic sweep ends at the first size that is too slow: it has to go upwards.
    const isLimited = settings.budgetMs !== undefined && !isAutomatic;
    await this.#measure(isLimited ? coarseFirst(fitting.points) : fitting.points);
  }

  /** Sizes between the grid's, until each crossover is known within a quarter. */
  async bisect(): Promise<void> {
    const { over } = this.#plan;
    if (over === undefined || this.#context.selection.baseline === undefined) return;
    for (let round = 0; round < MOST_BISECTIONS && !this.#isOver(); round++) {
      const wanted = new Map<string, SweepPoint>();
      for (const curve of curvesOf(this.#rows(), over)) {
        const size = bisectionSize(curveCrossover(curve, over));
        if (size === undefined) continue;
        const at = { ...curve.at, [over]: size };
        if (!this.#states.has(keyOf(at))) wanted.set(keyOf(at), this.#plan.pointAt(at));
      }
      if (wanted.size === 0) return;
      await this.#measure([...wanted.values()]);
    }
  }

  outcome(): SweepOutcome {
    const { selection, settings } = this.#context;
    const { over } = this.#plan;
    const all = this.#rows();
    const rows = all.filter((row) => !this.#skipRow(row, all));
    const curves = over === undefined ? [] : curvesOf(rows, over);
    const histories = [...this.#states.values()].flatMap(({ histories }) => histories);
    return {
      rows,
      fallbacks: histories.flatMap(({ fallback }) => fallback ?? []),
      sweep: {
        workload: this.#workload.id,
        axes: this.#axes(rows),
        over,
        baseline: selection.baseline,
        budgetS: settings.budgetMs === undefined ? undefined : settings.budgetMs / 1000,
        curves: curves.map((curve) => ({
          device: curve.device,
          at: curve.at,
          overhead: asRecord(curveOverhead(curve)),
          crossover:
            curve.device === selection.baseline || over === undefined
              ? undefined
              : curveCrossover(curve, over),
        })),
        skipped: [...this.#skipped.values()],
      },
    };
  }

  /** Runs through the points with fresh workers, as often as there are runs. */
  async #measure(points: readonly SweepPoint[]): Promise<void> {
    const { settings, selection } = this.#context;
    for (const point of points) {
      const histories = selection.devices.map((device) => new RunHistory(device));
      this.#states.set(keyOf(point.at), { point, histories });
    }
    for (let run = 0; run < settings.runs; run++) {
      for (const group of byProcess(points)) await this.#pass(group, run, points);
    }
  }

  /** One run of points that share their workers. */
  async #pass(
    group: readonly SweepPoint[],
    run: number,
    all: readonly SweepPoint[],
  ): Promise<void> {
    const { settings, budget } = this.#context;
    const pool = new WorkerPool(settings, budget.signal);
    for (const device of this.#context.selection.devices) pool.driverOf(device);
    // No device is held by a worker that no job took.
    await settings.started?.close();
    try {
      for (const point of group) {
        if (this.#isTooSlow(point)) continue;
        if (this.#isOver() || (run > 0 && !budget.hasRoom)) {
          if (run === 0) this.#skipUnmeasured(point);
          continue;
        }
        const left = all.length - all.indexOf(point) + (settings.runs - 1 - run) * all.length;
        await this.#measurePoint(point, run, left, pool);
      }
    } finally {
      await pool.close();
    }
  }

  async #measurePoint(
    point: SweepPoint,
    run: number,
    unitsLeft: number,
    pool: WorkerPool,
  ): Promise<void> {
    const { settings, budget, progress } = this.#context;
    const state = this.#states.get(keyOf(point.at));
    const due = (state?.histories ?? []).filter(({ isSound }) => isSound);
    const own = settingsAt(settings, point);
    const compared = this.#comparedAt(point, own);
    const jobs = due.map((history) => {
      const driver = pool.driverOf(history.device);
      return new DeviceJob(history, compared, own, budget.signal, driver);
    });
    const wanted = optionsOfRun(own.measure, run, settings.runs);
    const options = budget.pace(wanted, unitsLeft, jobs.length);
    const startedMs = performance.now();
    const name = `${this.#workload.id} ${coordinatesText(point.at)}${settings.runs > 1 ? `, run ${run + 1} of ${settings.runs}` : ''}`;
    await measureJobs(jobs, {
      options,
      signal: budget.signal,
      profile: settings.profile,
      isLast: run === settings.runs - 1,
      say: (text) => progress.update(`${name} on ${text} (${unitsLeft} left)`),
    });
    budget.note((performance.now() - startedMs) * 1e6, options, jobs.length);
    for (const history of due) history.dropInterruptedRepeat();
    if (!this.#isOver() || due.every(({ isComplete }) => isComplete)) return;
    // Half a point compares nothing; after Ctrl-C, a person may still want to see it.
    if (budget.isOver) this.#states.delete(keyOf(point.at));
    if (budget.isOver || due.every(({ isFirstRun }) => isFirstRun)) this.#skipUnmeasured(point);
  }

  #isOver(): boolean {
    return this.#context.budget.signal.aborted;
  }

  /** In an automatic sweep: whether the next smaller size predicts more than the longest iteration. */
  #isTooSlow(point: SweepPoint): boolean {
    const { over, isAutomatic } = this.#plan;
    if (!isAutomatic || over === undefined) return false;
    const smaller = this.#nextSmaller(point, over);
    if (!smaller) return false;
    const growth = Number(point.at[over]) / Number(smaller.point.at[over]);
    const slow = smaller.histories.find(({ medianNs }) => {
      return medianNs !== undefined && medianNs * growth > LONGEST_ITERATION_NS;
    });
    if (!slow) return false;
    const seconds = LONGEST_ITERATION_NS / 1e9;
    const { id } = slow.device;
    const reason = `from here on an iteration would take more than ${seconds} s on ${id}`;
    // Larger sizes are not worth a line.
    if (growth <= AUTOMATIC_FACTOR) this.#skip({ at: point.at, device: id, code: 'time', reason });
    return true;
  }

  /** The nearest smaller size that was measured, where all other axes have the same values. */
  #nextSmaller({ at }: SweepPoint, over: string): PointState | undefined {
    const smaller = [...this.#states.values()].filter(({ point, histories }) => {
      const isBelow = Number(point.at[over]) < Number(at[over]);
      const others = keyOf({ ...point.at, [over]: 0 }) === keyOf({ ...at, [over]: 0 });
      return isBelow && others && histories.some(({ medianNs }) => medianNs !== undefined);
    });
    const sizes = smaller.map(({ point }) => Number(point.at[over]));
    return smaller[sizes.indexOf(Math.max(...sizes))];
  }

  #skipUnmeasured({ at }: SweepPoint): void {
    const isBudget = this.#context.budget.isOver || !this.#context.signal.aborted;
    this.#skip(
      isBudget
        ? { at, code: 'budget', reason: 'the time limit (--budget) left no time for it' }
        : { at, code: 'interrupted', reason: 'the sweep was interrupted before it' },
    );
  }

  #skip(point: SkippedPoint): void {
    this.#skipped.set(keyOf(point.at) + (point.device ?? ''), point);
  }

  /** Whether a row only says that its size did not fit, or was not reached, while the device did run others. */
  #skipRow(row: Row, all: readonly Row[]): boolean {
    const at = row.point ?? {};
    if (this.#skipped.has(keyOf(at)) && !row.measurement) return true;
    if (row.error?.code !== 'out_of_memory' || row.measurement) return false;
    if (!all.some(({ device, state }) => device === row.device && state === 'measured'))
      return false;
    this.#skip({ at, device: row.device, code: 'memory', reason: row.error.message });
    return true;
  }

  #rows(): Row[] {
    const { settings, selection } = this.#context;
    return this.#inOrder().flatMap(({ point, histories }) => {
      const own = settingsAt(settings, point);
      const begun = histories.filter((history) => history.prepared || history.failure);
      const rows = begun.map((history): Row => {
        const row = makeRow(this.#comparedAt(point, own), own, history.parts(own.measure));
        return { ...row, point: point.at };
      });
      return addSpeedups(rows, selection.baseline);
    });
  }

  /** In the order of the axes, those of a bisection between their neighbours. */
  #inOrder(): PointState[] {
    const rank = (name: string, value: string | number) => {
      const values = this.#plan.axes.find((axis) => axis.name === name)?.values ?? [];
      return typeof value === 'number' ? value : values.indexOf(value);
    };
    return [...this.#states.values()].sort((a, b) => {
      for (const { name } of this.#plan.axes) {
        const difference = rank(name, a.point.at[name]) - rank(name, b.point.at[name]);
        if (difference !== 0) return difference;
      }
      return 0;
    });
  }

  /** The axes with the values that the rows have. */
  #axes(rows: readonly Row[]): SweepRecord['axes'] {
    return this.#plan.axes.map(({ name }) => {
      const values = [...new Set(rows.flatMap(({ point }) => point?.[name] ?? []))];
      return { name, values: values.sort((a, b) => Number(a) - Number(b)) };
    });
  }

  #comparedAt({ params }: SweepPoint, own: JobSettings): ComparedWorkload {
    return { workload: this.#workload, params, kernels: this.#context.levelOf(own) };
  }
}

/** The settings of an ordinary bench of one point, as its row repeats them. */
function settingsAt(settings: JobSettings, point: SweepPoint): JobSettings {
  const { dtype, threads, engine, kernels, mode } = point;
  const measure = { ...settings.measure, mode };
  return { ...settings, dtype, threads, engine, kernels, mode, measure };
}

/** Points with the same engine and number of threads share their workers. */
function byProcess(points: readonly SweepPoint[]): SweepPoint[][] {
  const groups = new Map<string, SweepPoint[]>();
  for (const point of points) {
    const key = JSON.stringify([point.threads, point.engine]);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()];
}

function keyOf(at: Coordinates): string {
  return JSON.stringify(Object.entries(at).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function coordinatesText(at: Coordinates): string {
  return Object.entries(at)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function asRecord(overhead: ReturnType<typeof curveOverhead>) {
  return overhead && { ns: overhead.ns, interval: [...overhead.interval] as [number, number] };
}

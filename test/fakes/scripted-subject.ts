import type { BlockRequest, Clock, Subject } from '../../src/measure/types.js';
import type { Sample, Telemetry } from '../../src/result/schema.js';

/** A clock that moves only when something says so. */
export class ScriptedClock implements Clock {
  #nowNs = 0;

  nowNs(): number {
    return this.#nowNs;
  }

  advance(durationNs: number): void {
    this.#nowNs += durationNs;
  }
}

export interface Script {
  /** Nanoseconds per iteration of the next sample; `index` counts the samples of this subject. */
  wallNs(index: number, nowNs: number): number;
  deviceNs?(index: number, nowNs: number): number;
  /** What the sensors say when they are read; may throw. */
  sensors?(nowNs: number): Telemetry | undefined;
  /** Called before each block; may throw, abort, or return fewer samples than asked for. */
  beforeBlock?(block: number, request: BlockRequest): number | undefined;
}

export interface LoggedBlock extends BlockRequest {
  readonly subject: string;
  readonly startNs: number;
}

/** A subject whose times are written down in a script; it moves the scripted clock by them. */
export class ScriptedSubject implements Subject {
  readonly id: string;
  readonly #clock: ScriptedClock;
  readonly #script: Script;
  readonly #log: LoggedBlock[];
  #samples = 0;
  #blocks = 0;

  constructor(id: string, clock: ScriptedClock, script: Script, log: LoggedBlock[] = []) {
    this.id = id;
    this.#clock = clock;
    this.#script = script;
    this.#log = log;
  }

  async telemetry(): Promise<Telemetry | undefined> {
    return this.#script.sensors?.(this.#clock.nowNs());
  }

  async run(request: BlockRequest): Promise<readonly Sample[]> {
    this.#log.push({ ...request, subject: this.id, startNs: this.#clock.nowNs() });
    const limit = this.#script.beforeBlock?.(this.#blocks++, request) ?? request.samples;
    const samples: Sample[] = [];
    const startNs = this.#clock.nowNs();
    const { iterations } = request;
    while (samples.length < Math.min(limit, request.samples)) {
      if (samples.length > 0 && this.#clock.nowNs() - startNs >= request.maxNs) break;
      const index = this.#samples++;
      const nowNs = this.#clock.nowNs();
      const wallNs = this.#script.wallNs(index, nowNs) * iterations;
      const deviceNs = this.#script.deviceNs?.(index, nowNs);
      this.#clock.advance(wallNs);
      samples.push({
        iterations,
        wallNs,
        ...(deviceNs !== undefined && { deviceNs: deviceNs * iterations }),
      });
    }
    return samples;
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MpsbenchError } from '../errors.js';
import { killGroup, type StartedGroup } from '../frameworks/process-group.js';
import { groupMemoryLimit, limitAdvice } from '../host/limits.js';
import { formatBytes } from '../result/units.js';
import { printableLines } from '../text/printable.js';
import { activeTimeout } from './active-timeout.js';
import type { MethodName, Methods, ReplyMessage, RequestMessage } from './protocol.js';
import { workerEnvironment } from './worker-environment.js';

/** How much of what a driver writes to stderr is kept to explain a crash. */
const KEPT_STDERR_CHARS = 4000;

/** A process inside a stuck driver call does not even end by SIGKILL. */
const CLOSE_LIMIT_MS = 5_000;

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export interface CallOptions {
  readonly timeoutMs: number;
  readonly onProgress?: (phase: string) => void;
}

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: MpsbenchError) => void;
  readonly onProgress?: (phase: string) => void;
}

/**
 * The parent's side of a worker process: a driver that crashes or hangs ends the worker and fails
 * the call, never this process.
 */
export class WorkerClient {
  /** Names the worker in messages, for example a device id; may change from call to call. */
  label: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #stopListening: () => void;
  readonly #pending = new Map<number, Pending>();
  readonly #groups: StartedGroup[] = [];
  #stderr = '';
  #nextId = 1;
  #ended: MpsbenchError | undefined;

  /**
   * @param signal kills the worker; its calls fail with `interrupted`
   * @param visibleAs the only device that CUDA shows to the worker, as CUDA_VISIBLE_DEVICES names it
   */
  constructor(label: string, signal?: AbortSignal, visibleAs?: string) {
    this.label = label;
    this.#child = fork(WORKER, [], {
      env: {
        ...workerEnvironment(),
        ...(visibleAs !== undefined && { CUDA_VISIBLE_DEVICES: visibleAs }),
      },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARS);
      if (process.env.MPSBENCH_DEBUG) process.stderr.write(printableLines(text));
    });
    this.#child.on('message', (message) => this.#receive(message as ReplyMessage));
    this.#child.on('error', (error) => this.#end(MpsbenchError.from(error)));
    const interrupt = () => this.#end(new MpsbenchError('interrupted', 'Interrupted.'));
    this.#stopListening = () => signal?.removeEventListener('abort', interrupt);
    // 'close' comes after stderr has been read to its end.
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', (code, exitSignal) => {
        this.#end(this.#crash(code, exitSignal));
        resolve();
      });
    });
    if (!signal) return;
    // One listener per device: more than Node's threshold for a leak.
    setMaxListeners(0, signal);
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
  }

  /** Of the worker process; undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Of every process that may hold a device for it: its own, and the interpreters that it started. */
  get pids(): readonly number[] {
    const own = this.#child.pid;
    return [...(own === undefined ? [] : [own]), ...this.#groups.map(({ pid }) => pid)];
  }

  /** Whether it accepts calls: it has neither been closed nor failed. */
  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  /**
   * @throws MpsbenchError `worker_timeout` (the worker is killed), `worker_crashed`, `interrupted`,
   *   or what the worker itself answered
   */
  call<M extends MethodName>(
    method: M,
    request: Methods[M]['request'],
    { timeoutMs, onProgress }: CallOptions,
  ): Promise<Methods[M]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      const limitMs = method === 'probe' ? startLimit(timeoutMs) : timeoutMs;
      const expire = () => this.#end(this.#timeout(method, limitMs));
      const stopWaiting = activeTimeout(limitMs, expire, this.pid);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          stopWaiting();
          this.#pending.delete(id);
          then(value);
        };
      this.#pending.set(id, {
        resolve: settle((answer: unknown) => resolve(answer as Methods[M]['answer'])),
        reject: settle(reject),
        onProgress,
      });
      const message: RequestMessage = { id, method, request };
      // A process that could not be started has no channel; its 'error' event comes later.
      if (!this.#child.connected) return;
      this.#child.send(message, (error) => {
        // A worker that is already gone explains itself through 'close', which may come later.
        if (error && !isGone(error)) this.#end(MpsbenchError.from(error));
      });
    });
  }

  /**
   * Ends the worker at once, and waits until the system has taken back what it held, so that the
   * next worker finds the memory and the device free. Safe to call twice.
   */
  async close(): Promise<void> {
    this.#end(new MpsbenchError('internal', `The worker of ${this.label} has been closed.`));
    let limit: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      limit = setTimeout(() => {
        this.#abandon();
        resolve();
      }, CLOSE_LIMIT_MS);
    });
    await Promise.race([this.#closed, tooLong]);
    clearTimeout(limit);
  }

  /** Nothing waits any longer for a process that does not end, nor for one that holds its stderr. */
  #abandon(): void {
    this.#child.unref();
    this.#child.stderr?.destroy();
    if (this.#child.connected) this.#child.disconnect();
  }

  #receive(message: ReplyMessage): void {
    if (message.state === 'started') {
      this.#groups.push(message.group);
      if (this.#ended) this.#endGroups();
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.state === 'progress') pending.onProgress?.(message.phase);
    else if (message.state === 'done') pending.resolve(message.answer);
    else pending.reject(MpsbenchError.from(message.error));
  }

  #end(error: MpsbenchError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#stopListening();
    this.#child.kill('SIGKILL');
    this.#endGroups();
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }

  /** What the worker started and cannot end itself when it is killed. */
  #endGroups(): void {
    for (const { pid, folder } of this.#groups.splice(0)) {
      killGroup(pid);
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #timeout(method: MethodName, timeoutMs: number): MpsbenchError {
    const what = {
      probe: 'start',
      prepare: 'compile and verify',
      run: 'run',
      telemetry: 'answer',
      programs: 'run the example programs',
      profile: 'profile',
    };
    return new MpsbenchError(
      'worker_timeout',
      `${this.label} did not ${what[method]} within ${timeoutMs / 1000} s and was stopped.`,
      limitAdvice() ??
        `Give it longer with --timeout SECONDS${method === 'probe' ? '' : ', or use a smaller size'}; if a device hangs every time, check its driver.`,
    );
  }

  #crash(code: number | null, signal: NodeJS.Signals | null): MpsbenchError {
    const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
    const assertion = failedAssertion(this.#stderr);
    const said = assertion ?? lastLine(this.#stderr);
    const advice = crashAdvice(signal, assertion !== undefined, this.#stderr);
    return new MpsbenchError(
      'worker_crashed',
      `The worker of ${this.label} ${how}.${said ? ` It last said: ${said}` : ''}`,
      advice,
    );
  }
}

/** Node and OpenBLAS wait forever where they get no thread or no memory: with tight limits, no start is that slow. */
const TIGHT_START_MS = 20_000;

function startLimit(timeoutMs: number): number {
  return limitAdvice() === undefined ? timeoutMs : Math.min(timeoutMs, TIGHT_START_MS);
}

/** The channel to the worker is closed: what was sent did not arrive. */
function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_IPC_CHANNEL_CLOSED';
}

/** What Metal's frameworks and compiler print before they abort the process. */
const ABORTS = /failed assertion|LLVM ERROR/;

/** The line in which a library said why it aborted; what comes after it is noise. */
function failedAssertion(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .find((line) => ABORTS.test(line))
    ?.trim();
}

/** What runtimes print where a thread, a process or memory is refused. */
const REFUSED =
  /out of memory|OOM|bad_alloc|cannot allocate memory|thread creation failed|thread_create|resource temporarily unavailable|uv_loop_init|too many open files/i;

function crashAdvice(signal: NodeJS.Signals | null, isAssertion: boolean, stderr: string): string {
  const limits = limitAdvice();
  if (limits && (REFUSED.test(stderr) || signal === 'SIGABRT' || signal === 'SIGTRAP')) {
    return limits;
  }
  if (isAssertion) {
    return "A check inside the vendor's library failed. Use a smaller size or another --dtype, and report it with this message.";
  }
  return signal === 'SIGKILL'
    ? `${outOfMemory()}: use a smaller size.`
    : 'The driver or the addon crashed: update the driver, use a smaller size, or leave this device out.';
}

function outOfMemory(): string {
  const limit = groupMemoryLimit(totalmem());
  return limit === undefined
    ? 'The system may have run out of memory'
    : `The memory limit of the control group (${formatBytes(limit)}) may have been reached`;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

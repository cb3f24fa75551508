import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { type ErrorCode, MpsbenchError } from '../errors.js';
import type { HostArray } from '../graph/types.js';
import type { DType } from '../result/dtypes.js';
import { FRAMEWORKS } from './catalog.js';
import type { Asked, ChildEnd } from './faults/asked.js';
import { findFault } from './faults/faults.js';
import type { Interpreter } from './interpreters.js';
import { announceGroup, killGroup } from './process-group.js';
import { cleanVariables } from './python-variables.js';
import { envelope, type Failure } from './replies.js';

/** Read where it was written: tsc copies no Python, and src/ and dist/ lie side by side. */
export const DRIVER_MAIN = fileURLToPath(
  new URL('../../src/frameworks/drivers/main.py', import.meta.url),
);

/**
 * -E: no PYTHON* variable has a say, so that what answers is the interpreter and not this shell. The
 * user's site folder stays, as PYTHONNOUSERSITE is dropped with the others: what is there does take
 * part whenever this interpreter runs, and it is where `pip install --user` puts frameworks. The
 * working folder never adds modules (a `tensorflow.py` in it is not TensorFlow), since a script runs.
 * -B: nothing is written into the environment. -X utf8: an ASCII locale must not fail an import.
 */
export const PYTHON_FLAGS: readonly string[] = ['-E', '-B', '-X', 'utf8'];

/** How much of what a framework writes to stderr is kept to explain a failure. */
const KEPT_STDERR_CHARS = 16_000;

/** No answer of a driver is near this: tensors travel as files. */
const MAX_ANSWER_CHARS = 8 * 2 ** 20;

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: MpsbenchError) => void;
}

/**
 * A framework's driver in the user's interpreter: a process group of its own, a clean environment, a
 * bounded output. Requests are answered in the order in which they were made. Nothing here has a
 * time limit: who waits for a worker ends its groups with it.
 */
export class DriverProcess {
  readonly #interpreter: Interpreter;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  /** Of the line that has not ended yet. */
  #unread: string[] = [];
  #unreadChars = 0;
  #stderr = '';
  /** What it does or did last, for messages: `import`, then the request that it works on. */
  #stage = 'import';
  #ended: MpsbenchError | undefined;
  #failedWrite: MpsbenchError | undefined;

  constructor(interpreter: Interpreter, env: Readonly<Record<string, string | undefined>>) {
    this.#interpreter = interpreter;
    this.#folder = mkdtempSync(join(tmpdir(), 'mpsbench-driver-'));
    this.#child = spawn(
      interpreter.python,
      [...PYTHON_FLAGS, '-u', DRIVER_MAIN, interpreter.framework],
      {
        cwd: this.#folder,
        env: cleanVariables(env, this.#folder),
        detached: process.platform !== 'win32',
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    const { pid } = this.#child;
    if (pid !== undefined) announceGroup({ pid, folder: this.#folder });
    process.once('exit', this.#kill);
    this.#child.stdin?.on('error', () => {}); // It explains itself through 'close'.
    this.#child.stdout?.setEncoding('utf8').on('data', (data: string) => this.#receive(data));
    this.#child.stderr?.setEncoding('utf8').on('data', (data: string) => {
      this.#stderr = (this.#stderr + data).slice(-KEPT_STDERR_CHARS);
      if (process.env.MPSBENCH_DEBUG) process.stderr.write(data);
    });
    this.#child.once('error', (error: NodeJS.ErrnoException) => {
      const end = { state: 'not_started', reason: error.code ?? error.message } as const;
      this.#end(this.#fault('unavailable', end));
    });
    this.#child.once('close', (code, signal) => {
      const end: ChildEnd = signal
        ? { state: 'killed', signal }
        : { state: 'exited', code: code ?? 0 };
      this.#end(this.#fault('worker_crashed', end));
    });
  }

  /** Where the driver may write. */
  get folder(): string {
    return this.#folder;
  }

  /** What the framework wrote to stderr last: its own warnings. */
  get stderr(): string {
    return this.#stderr;
  }

  /**
   * @throws MpsbenchError what the driver answered, `worker_crashed` where the interpreter ended, or
   *   `device_lost` for an answer that is none
   */
  async call<Reply extends z.ZodType>(
    method: string,
    params: Readonly<Record<string, unknown>>,
    reply: Reply,
  ): Promise<z.infer<Reply>> {
    const answer = await this.#request(method, params);
    const failed = this.#failedWrite;
    if (failed) {
      this.#failedWrite = undefined;
      throw failed;
    }
    const parsed = reply.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw this.#garbled(`its answer to ${method} is not what it should be`);
  }

  /** Queued before whatever is asked next, which fails with what this does. Rounds to the dtype there. */
  write(tensor: string, values: HostArray): void {
    const file = this.#file(tensor, 'in');
    writeFileSync(file, bytesOf(values));
    this.#request('write', { tensor, file }).catch((error) => {
      this.#failedWrite ??= MpsbenchError.from(error);
    });
  }

  /** The values of a tensor of this dtype: Float64Array for f64, else Float32Array. */
  async read(tensor: string, dtype: DType, reply: z.ZodType): Promise<HostArray> {
    const file = this.#file(tensor, 'out');
    await this.call('read', { tensor, file }, reply);
    const { buffer, byteOffset, byteLength } = readFileSync(file);
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    return dtype === 'f64' ? new Float64Array(bytes) : new Float32Array(bytes);
  }

  /** Ends the interpreter and all that it started. Safe to call twice. */
  close(): void {
    this.#end(new MpsbenchError('internal', `The driver of ${this.#title} has been closed.`));
  }

  get #title(): string {
    return FRAMEWORKS[this.#interpreter.framework].title;
  }

  #file(tensor: string, suffix: string): string {
    return join(this.#folder, `${tensor}.${suffix}.raw`);
  }

  #request(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      // The import comes with the first request.
      if (id > 1) this.#stage = method;
      this.#pending.set(id, { resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, method, ...params })}\n`);
    });
  }

  #receive(data: string): void {
    if (this.#ended) return;
    this.#unread.push(data);
    this.#unreadChars += data.length;
    if (this.#unreadChars > MAX_ANSWER_CHARS) {
      const end = { state: 'flooded', stream: 'stdout', bytes: MAX_ANSWER_CHARS } as const;
      this.#end(this.#fault('device_lost', end));
      return;
    }
    if (!data.includes('\n')) return;
    const lines = this.#unread.join('').split('\n');
    const rest = lines.pop() ?? '';
    this.#unread = [rest];
    this.#unreadChars = rest.length;
    for (const line of lines) {
      const answer = envelope.safeParse(parseLine(line));
      const pending = answer.success ? this.#pending.get(answer.data.id) : undefined;
      if (!answer.success || !pending) {
        this.#end(this.#garbled('something else wrote to its channel'));
        return;
      }
      this.#pending.delete(answer.data.id);
      if (answer.data.error) pending.reject(this.#failure(answer.data.error));
      else pending.resolve(answer.data.ok);
    }
  }

  readonly #kill = () => {
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
    rmSync(this.#folder, { recursive: true, force: true });
  };

  #end(error: MpsbenchError): void {
    if (this.#ended) return;
    this.#ended = error;
    process.off('exit', this.#kill);
    this.#kill();
    for (const { reject } of [...this.#pending.values()]) reject(error);
    this.#pending.clear();
  }

  #failure({ code, message, type, traceback }: Failure): MpsbenchError {
    if (process.env.MPSBENCH_DEBUG && traceback) process.stderr.write(`${traceback}\n`);
    const isNamed = !type || type === 'RequestError' || message.startsWith(type);
    const said = firstLine(isNamed ? message : `${type}: ${message}`);
    const title = this.#title;
    switch (code) {
      case 'unsupported':
        return new MpsbenchError(
          'unsupported',
          `${title}: ${said}`,
          'Use another --dtype or --device.',
        );
      case 'out_of_memory':
        return new MpsbenchError('out_of_memory', `${title}: ${said}`, 'Use a smaller size.');
      case 'unavailable':
        return new MpsbenchError('unavailable', `${title}: ${said}`, VERIFY);
      case 'import_failed':
        return this.#faultOf('unavailable', {
          end: { state: 'exited', code: 0 },
          answer: {
            state: 'error',
            error: { type: type ?? '', message, stage: 'import', traceback: traceback ?? '' },
          },
        });
      case 'failed':
        return new MpsbenchError('device_lost', `${title} failed: ${said}`, VERIFY);
      case 'wrong_request':
        return new MpsbenchError('internal', `${title}'s driver: ${said}`);
      default:
        throw code satisfies never;
    }
  }

  /** An end without an answer, by the rules of `verify`. */
  #fault(code: ErrorCode, end: ChildEnd): MpsbenchError {
    const stage = end.state === 'not_started' ? undefined : this.#stage;
    return this.#faultOf(code, { end, answer: { state: 'none', stage } });
  }

  #faultOf(code: ErrorCode, asked: Pick<Asked, 'end' | 'answer'>): MpsbenchError {
    const { python, framework, prefix, distribution } = this.#interpreter;
    const { title, module } = FRAMEWORKS[framework];
    const subject = { interpreter: python, title, module, distribution };
    const found = findFault({ ...asked, stdout: '', stderr: this.#stderr }, subject);
    if (!found) throw new Error('an end without an answer is a fault');
    const { message, rule, fixes } = found;
    const advice = `${fixes[0]?.text ?? ''} ${VERIFY}`.trim();
    return new MpsbenchError(code, `${message} (${prefix})`, advice, { rule });
  }

  #garbled(what: string): MpsbenchError {
    return new MpsbenchError(
      'device_lost',
      `${this.#title} in ${this.#interpreter.prefix} cannot be driven: ${what}.`,
      'Check that the interpreter is Python itself and not a script that prints.',
      { rule: 'probe.not-python' },
    );
  }
}

const VERIFY = 'Run mpsbench verify --probe for the cause and the remedy.';

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function firstLine(message: string): string {
  const [line = ''] = message.trim().split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function bytesOf({ buffer, byteOffset, byteLength }: HostArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

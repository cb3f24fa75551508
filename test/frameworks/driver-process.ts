import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Graph, HostArray, TensorId } from '../../src/graph/types.js';

export const MAIN = fileURLToPath(new URL('../../src/frameworks/drivers/main.py', import.meta.url));

export interface DriverError {
  readonly code: string;
  readonly message: string;
  readonly type: string;
  readonly traceback?: string;
}

export interface Reply {
  readonly id: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: what the tests look at is checked by them
  readonly ok?: any;
  readonly error?: DriverError;
}

/**
 * A driver of src/frameworks/drivers in a real interpreter: lines to its stdin, replies from its
 * stdout, one after the other.
 */
export class DriverProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'mpsbench-driver-'));
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #replies: Reply[] = [];
  readonly #waiting: ((reply: Reply | undefined) => void)[] = [];
  #lastId = 0;
  stderr = '';
  /** The exit code, or the signal, once it has ended. */
  readonly ended: Promise<number | string | null>;

  constructor(python: string, framework: string, variables: NodeJS.ProcessEnv = {}) {
    const flags = ['-u', '-E', '-B', '-X', 'utf8'];
    this.#child = spawn(python, [...flags, MAIN, framework], {
      cwd: this.folder,
      env: { ...process.env, ...variables },
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const reply: Reply = JSON.parse(line);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(reply);
      else this.#replies.push(reply);
    });
    // A process that has ended says so by 'close'.
    this.#child.stdin.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        for (const waiting of this.#waiting.splice(0)) waiting(undefined);
        resolve(signal ?? code);
      });
    });
  }

  /** Sends a line as it is. */
  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The next reply. @throws where the process has ended */
  async reply(): Promise<Reply> {
    const ready = this.#replies.shift();
    const reply = ready ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    if (!reply) throw new Error(`the driver has ended: ${this.stderr}`);
    return reply;
  }

  async ask(method: string, fields: object = {}): Promise<Reply> {
    const id = ++this.#lastId;
    this.send(JSON.stringify({ id, method, ...fields }));
    // Replies come in the order of the requests, even if several are on their way.
    const reply = await this.reply();
    if (reply.id !== id) throw new Error(`reply ${reply.id} to request ${id}`);
    return reply;
  }

  /** What a request yields. @throws where it fails */
  // biome-ignore lint/suspicious/noExplicitAny: what the tests look at is checked by them
  async get(method: string, fields: object = {}): Promise<any> {
    const { ok, error } = await this.ask(method, fields);
    if (error) throw new Error(`${method}: ${error.code}: ${error.message}\n${error.traceback}`);
    return ok;
  }

  /** The error of a request. @throws where it does not fail */
  async fail(method: string, fields: object = {}): Promise<DriverError> {
    const { error } = await this.ask(method, fields);
    if (!error) throw new Error(`${method} did not fail`);
    return error;
  }

  open(kind: string, settings: object = {}) {
    // One thread: more of them spend their time waiting for each other where tests run side by side.
    return this.get('open', { device: { kind, index: 0 }, threads: 1, tf32: false, ...settings });
  }

  build(graph: Graph, mode: string) {
    return this.get('build', { graph, mode, folder: this.folder });
  }

  async write(tensor: TensorId, values: HostArray): Promise<void> {
    const file = join(this.folder, `${tensor}.in`);
    writeFileSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    await this.get('write', { tensor, file });
  }

  async read(graph: Graph, tensor: TensorId): Promise<HostArray> {
    const file = join(this.folder, `${tensor}.out`);
    await this.get('read', { tensor, file });
    const { buffer } = new Uint8Array(readFileSync(file));
    return graph.tensors[0].dtype === 'f64' ? new Float64Array(buffer) : new Float32Array(buffer);
  }

  closeInput(): void {
    this.#child.stdin.end();
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';

const START_MS = 120_000;
const REPLY_MS = 600_000;
const KEPT_STDERR_CHARS = 4000;

/**
 * Python processes that hold one form of a peer each; see protocol.py. One request at a time. A
 * process that ends, or is ended because its compiler took too long, is started again for the next
 * case.
 */
export class Peer {
  #start;
  #process;

  /** @param settings threads, device (`cpu` or `cuda`), form, and the limit for a `prepare` */
  constructor(python, script, settings) {
    this.#start = () => new PeerProcess(python, script, settings);
    this.prepareMs = settings.prepareMs ?? REPLY_MS;
  }

  /** @returns {Promise<string>} why it cannot take part; empty where it can */
  async start() {
    try {
      this.hello = await this.#running();
      return '';
    } catch (error) {
      this.close();
      return error.message;
    }
  }

  /** One contender for each variant in which this peer computes. */
  variants() {
    return this.hello.variants.map(({ name, formats, workloads, several }) => ({
      name: `${this.hello.name} ${name}`,
      takes: ({ id, format, graphSteps }) =>
        formats.includes(format) &&
        (workloads === undefined || workloads.includes(id)) &&
        (!several || graphSteps > 1),
      prepare: async ({ id: workload, params, format, graphSteps }, folder) => {
        await this.#running();
        const request = {
          op: 'prepare',
          workload,
          params,
          folder,
          variant: name,
          format,
          graphSteps,
        };
        const { note, checks, work, skipped } = await this.#ask(request, this.prepareMs);
        if (skipped) return { skipped };
        return { note, checks, work, ...(checks ? {} : { results: `${folder}/${name}` }) };
      },
      run: async (iterations) => (await this.#ask({ op: 'run', variant: name, iterations })).wallNs,
      release: () => this.#ask({ op: 'release', variant: name }),
      restart: () => this.close(),
    }));
  }

  close() {
    this.#process?.close();
  }

  #ask(request, limitMs = REPLY_MS) {
    return this.#process.ask(request, limitMs);
  }

  /** Starts the process where there is none, or where it has ended. */
  async #running() {
    if (this.#process && !this.#process.hasEnded) return this.hello;
    this.#process = this.#start();
    return this.#process.reply(START_MS);
  }
}

class PeerProcess {
  #child;
  #stderr = '';
  #waiting;
  hasEnded = false;

  constructor(python, script, { threads, device, form }) {
    const args = [script, '--threads', String(threads), '--device', device];
    this.#child = spawn(python, form ? [...args, '--form', form] : args, {
      env: { ...process.env, ...environment(threads) },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that compilers that it started end with it.
      detached: true,
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARS);
    });
    // A process that has ended says so by 'close'.
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line);
      if (answer.error) this.#settle('reject', new Error(answer.error));
      else this.#settle('resolve', answer);
    });
    this.#child.once('error', (error) => {
      this.hasEnded = true;
      this.#settle('reject', error);
    });
    this.#child.once('close', (code, signal) => {
      this.hasEnded = true;
      const said = this.#stderr.trimEnd().split('\n').at(-1);
      this.#settle('reject', new Error(`it ended (${signal ?? code}): ${said}`));
    });
  }

  ask(request, limitMs) {
    if (this.hasEnded) return Promise.reject(new Error('it has ended'));
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.reply(limitMs);
  }

  reply(limitMs) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle('reject', new Error(`no answer within ${limitMs / 1000} s`));
        this.close();
      }, limitMs);
      this.#waiting = { resolve, reject, timer };
    });
  }

  close() {
    this.hasEnded = true;
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  #settle(how, value) {
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting[how](value);
  }
}

/**
 * The same threads for every library, and memory that glibc keeps instead of giving it back and
 * faulting it in again at every iteration: a peer that cannot write into given outputs would else be
 * measured by its page faults.
 */
function environment(threads) {
  return {
    OMP_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
    MALLOC_MMAP_MAX_: '0',
    MALLOC_TRIM_THRESHOLD_: String(2 ** 36),
  };
}

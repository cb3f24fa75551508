import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';

const START_MS = 120_000;
/** torch.compile and XLA compile inside `prepare`. */
const REPLY_MS = 600_000;
const KEPT_STDERR_CHARS = 4000;

/** A Python process that holds one peer; see protocol.py. One request at a time. */
export class PeerProcess {
  #child;
  #stderr = '';
  #waiting;

  constructor(python, script, { threads, device }) {
    this.#child = spawn(python, [script, '--threads', String(threads), '--device', device], {
      env: { ...process.env, ...environment(threads) },
      stdio: ['pipe', 'pipe', 'pipe'],
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
    this.#child.once('error', (error) => this.#settle('reject', error));
    this.#child.once('close', (code, signal) => {
      const said = this.#stderr.trimEnd().split('\n').at(-1);
      this.#settle('reject', new Error(`it ended (${signal ?? code}): ${said}`));
    });
  }

  /** @returns {Promise<string>} why it cannot take part; empty where it can */
  async start() {
    try {
      this.hello = await this.#reply(START_MS);
      return '';
    } catch (error) {
      this.close();
      return error.message;
    }
  }

  /** One contender for each form in which this peer computes. */
  variants() {
    return this.hello.variants.map((variant) => ({
      name: `${this.hello.name} ${variant}`,
      prepare: async ({ id: workload, params }, folder) => {
        const { note } = await this.#ask({ op: 'prepare', workload, params, folder, variant });
        return { note, results: `${folder}/${variant}` };
      },
      run: async (iterations) => (await this.#ask({ op: 'run', variant, iterations })).wallNs,
      release: () => this.#ask({ op: 'release', variant }),
    }));
  }

  close() {
    this.#child.kill('SIGKILL');
  }

  #ask(request) {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return Promise.reject(new Error('it has ended'));
    }
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.#reply(REPLY_MS);
  }

  #reply(limitMs) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle('reject', new Error(`no answer within ${limitMs / 1000} s`));
        this.close();
      }, limitMs);
      this.#waiting = { resolve, reject, timer };
    });
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

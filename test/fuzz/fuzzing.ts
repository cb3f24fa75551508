/**
 * What the fuzzers share. `npm test` makes a short run; `MPSBENCH_FUZZ=100000 npx vitest run test/fuzz` tries that many
 * inputs of each kind, and MPSBENCH_FUZZ_SEED other ones.
 */
import { writeSync } from 'node:fs';
import { seededRandom } from '../../src/measure/resampling-random.js';

export const SEED = Number(process.env.MPSBENCH_FUZZ_SEED ?? 1);

/** How many inputs to try, if nobody says otherwise. */
export const inputsOr = (byDefault: number): number =>
  Number(process.env.MPSBENCH_FUZZ ?? byDefault);

/** CPU time that one input may take, in milliseconds; other programs do not count. */
const MOST_MS = 1000;

/** A long run says how far it is, past those who listen to the streams. */
const REPORT_EACH = 5_000;

/** Characters that must not reach a terminal: controls but the line feed, bidirectional, invisible and tag characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const RAW = /[\0-\x09\x0b-\x1f\x7f-\x9f]|[\p{Cf}\p{Cs}\p{DI}\u2028\u2029]/u;

export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** A number from 0 to 1, as `Math.random`. */
  readonly number = (): number => this.#next();

  /** A whole number below a limit. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }
}

/** Where the text shows a character that must not reach a terminal; CSV ends its lines with CR LF. */
export function rawCharacter(text: string): string | undefined {
  const at = text.replaceAll('\r\n', '\n').search(RAW);
  return at < 0 ? undefined : JSON.stringify(text.slice(Math.max(0, at - 20), at + 20));
}

/** What a run of a fuzzer found. */
export interface Findings {
  readonly inputs: number;
  readonly slowestMs: number;
  /** One line each, with the seed of the input; at most ten. */
  readonly problems: readonly string[];
}

/**
 * Tries inputs, each with a seed of its own.
 * @param tryOne throws, or returns what is wrong with the answer
 */
export async function fuzz(
  inputs: number,
  tryOne: (random: Random) => Promise<string | undefined>,
): Promise<Findings> {
  const problems: string[] = [];
  let slowestMs = 0;
  for (let input = 0; input < inputs && problems.length < 10; input++) {
    const seed = SEED * 1_000_003 + input;
    const start = process.cpuUsage();
    const problem = await tryOne(new Random(seed)).catch((error: unknown) => {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    const { user, system } = process.cpuUsage(start);
    const tookMs = (user + system) / 1000;
    slowestMs = Math.max(slowestMs, tookMs);
    const found = (what: string) => {
      problems.push(`seed ${seed}: ${what}`);
      if (inputs >= REPORT_EACH) writeSync(2, `seed ${seed}: ${what.slice(0, 2_000)}\n`);
    };
    if (problem !== undefined) found(problem);
    if ((input + 1) % REPORT_EACH === 0) {
      writeSync(2, `${input + 1} inputs, ${problems.length} problems\n`);
    }
    if (tookMs > MOST_MS) found(`took ${Math.round(tookMs)} ms`);
  }
  return { inputs, slowestMs, problems };
}

/** Text that has broken terminals, parsers and tables before. */
export const HOSTILE: readonly string[] = [
  '',
  ' ',
  '\0',
  '\n',
  '\r',
  '\t\t',
  '\u001b[2J\u001b[31m',
  '\u001b]8;;http://x\u0007',
  '\u009b31m',
  '\u202eabc\u2066',
  '\u200b\u200d\ufeff',
  '\u{e0041}\u{e007f}',
  '\ud800',
  '\udfff\ud800',
  '\u2028',
  '\u3164',
  'e\u0301\u0302\u0303',
  '日本語テキスト',
  '👩‍👩‍👧‍👦',
  '=cmd|"/c calc"!A1',
  '@SUM(1)',
  '`a` ``b``',
  '|a|b|',
  '<script>alert(1)</script>',
  '[x](javascript:1)',
  '../../../etc/passwd',
  '__proto__',
  'constructor',
  '%s%n%x',
  '$(reboot)',
  "'; rm -rf / #",
  '-',
  '--',
  '0x10',
  '1e999',
  '-0',
  'NaN',
  `${'9'.repeat(400)}`,
  'w'.repeat(1600),
  'x y'.repeat(700),
  '('.repeat(300),
];

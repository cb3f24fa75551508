import { fileURLToPath } from 'node:url';
import { candidates, loadFrom } from '../../backends/native/load.js';
import { MpsbenchError } from '../../errors.js';
import { startProgress } from '../progress.js';
import { percentIn } from './progress.js';

/** scripts/lib/build-on-request.mjs: the set-up is plain JavaScript, it runs before tsc can. */
interface SetUp {
  buildOnRequest(options: BuildOptions): Promise<Outcome>;
}

interface BuildOptions {
  asStep(label: string, work: () => Promise<void>): Promise<void>;
  onOutput(text: string): void;
}

type Outcome =
  | {
      readonly ok: true;
      readonly addon: string;
      readonly log: string;
      readonly engines: readonly { why: string; name: string }[];
      readonly install: string;
    }
  | {
      readonly ok: false;
      readonly message: string;
      readonly advice: string;
      readonly log: string;
      readonly text: string;
    };

/** Enough to hold the first error of a compiler with its notes. */
const TAIL_LINES = 20;

/**
 * Builds the addon and shows what there is then.
 * @throws MpsbenchError `unavailable` where it cannot be built, `io` where its folder cannot be written
 */
export async function build({ debug }: { debug: boolean }): Promise<void> {
  const start = performance.now();
  const outcome = await run(debug);
  if (!outcome.ok) {
    // What was said already need not be said again.
    const said = debug ? '' : tailOf(outcome.text);
    throw new MpsbenchError('unavailable', outcome.message + said, adviceOf(outcome));
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const lines = [`Built ${outcome.addon} in ${seconds} s`, ...remarks(outcome)];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function run(debug: boolean): Promise<Outcome> {
  const setUp: SetUp = await import(
    new URL('../../../scripts/lib/build-on-request.mjs', import.meta.url).href
  );
  const label = 'building the native addon';
  const progress = debug ? undefined : await startProgress(label);
  try {
    return await setUp.buildOnRequest({
      asStep: (_, work) => work(),
      onOutput: (text) => {
        if (debug) process.stderr.write(text);
        const percent = percentIn(text);
        if (percent !== undefined) progress?.update(`${label}: ${percent} %`);
      },
    });
  } catch (cause) {
    throw notWritable(cause);
  } finally {
    progress?.stop();
  }
}

/** What is worth knowing about the addon that was built. */
function remarks({ addon, log, engines, install }: Extract<Outcome, { ok: true }>): string[] {
  const built = loadFrom([{ label: 'local build', path: addon }]);
  if (built.state === 'unavailable') {
    throw new MpsbenchError(
      'unavailable',
      `The addon was built, but ${built.reason}.`,
      `The log of the build: ${log}`,
    );
  }
  const used = loadFrom(candidates());
  const shadow = used.state === 'loaded' && used.from.path !== addon ? used.from.label : undefined;
  return [
    ...(shadow === undefined
      ? []
      : [`The ${shadow} is found before it. To use this build: export MPSBENCH_ADDON=${addon}`]),
    ...(engines.length === 0
      ? []
      : [
          `Built without ${engines.map(({ name, why }) => `${name} (${why})`).join(', ')}.`,
          `For them: ${install}, then build again.`,
        ]),
    'mpsbench devices lists what it reaches.',
  ];
}

function adviceOf({ advice, log }: Extract<Outcome, { ok: false }>): string {
  return [advice, ...(log ? [`The whole log: ${log}`] : [])].join('\n');
}

function tailOf(text: string): string {
  if (text === '') return '';
  const lines = text.trimEnd().split('\n').slice(-TAIL_LINES);
  return lines.map((line) => `\n  ${line}`).join('');
}

/** An installed package may belong to another user; everything else is not the build's matter. */
function notWritable(cause: unknown): unknown {
  const { code = '', path = '' } = cause as NodeJS.ErrnoException;
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) return cause;
  const folder = fileURLToPath(new URL('../../../', import.meta.url));
  return new MpsbenchError(
    'io',
    `${path || folder} cannot be written (${code}).`,
    `The build goes into the folder of mpsbench, ${folder}: run it as the user who installed it, or install mpsbench in a project of your own.`,
    { cause },
  );
}

import type { Addon } from '../../backends/native/addon-types.js';
import { candidates, loadFrom } from '../../backends/native/load.js';
import { MpsbenchError } from '../../errors.js';
import { printable, printableLines } from '../../text/printable.js';
import { startProgress } from '../progress/start-progress.js';
import { percentIn } from './build-percent.js';
import { ADDON, buildNative, LOG } from './native.js';
import { ENGINES, installCommand, thisSystem } from './requirements.js';

/** Builds the addon, then says what was built and what it lacks. */
export async function build(options: { debug: boolean; signal: AbortSignal }): Promise<void> {
  const { debug, signal } = options;
  const start = performance.now();
  const label = 'Building the native addon';
  const progress = debug ? undefined : await startProgress(label);
  const onOutput = (text: string) => {
    if (debug) process.stderr.write(printableLines(text));
    const percent = percentIn(text);
    if (percent !== undefined) progress?.update(`${label}: ${percent} %`);
  };
  try {
    await buildNative({ signal, onOutput, showTail: !debug });
  } finally {
    progress?.stop();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const lines = [`Built ${ADDON} in ${seconds} s`, ...remarks()];
  process.stdout.write(`${lines.map(printable).join('\n')}\n`);
}

/** @throws MpsbenchError where the addon that was built does not load */
function remarks(): string[] {
  const built = loadFrom([{ label: 'local build', path: ADDON }]);
  if (built.state === 'unavailable') {
    throw new MpsbenchError(
      'unavailable',
      `The addon was built, but ${built.reason}.`,
      `Build log: ${LOG}`,
    );
  }
  const used = loadFrom(candidates());
  const isShadowed = used.state === 'loaded' && used.from.path !== ADDON;
  const engines = enginesOf(built.addon);
  const missing = thisSystem() === 'macos' ? [] : ENGINES.filter(({ id }) => !engines.includes(id));
  const install = installCommand(missing);
  return [
    ...(isShadowed
      ? [`${used.from.label} is found first. To use this build: export MPSBENCH_ADDON=${ADDON}`]
      : []),
    ...missing.map(({ what }) => `Built without ${what}.`),
    ...(missing.length > 0 && install ? [`To add: ${install}, then build again.`] : []),
    'Run mpsbench devices to list the devices it reaches.',
  ];
}

function enginesOf(addon: Addon): string[] {
  return addon.devices('cpu', {}).flatMap((device) => {
    const engines = device.info.engines ?? [];
    device.dispose();
    return engines;
  });
}

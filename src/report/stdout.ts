import { Chalk, type ColorSupportLevel, supportsColor, supportsColorStderr } from 'chalk';
import { isAsciiOnly } from './ascii.js';
import type { EmitOptions } from './write.js';

/** Pipes and files have no width; logs are read in wide windows. */
const WIDTH_OF_NO_TERMINAL = 120;

/** Whether colours may be shown: NO_COLOR (no-color.org) and --no-color win over all. */
export function colourWanted(): boolean {
  return !process.env.NO_COLOR && !process.argv.includes('--no-color');
}

/** How this process's stdout wants its text. FORCE_COLOR colours what is not a terminal. */
export function stdoutOptions(): EmitOptions {
  return streamOptions('stdout');
}

/** The same of either stream. */
export function streamOptions(to: 'stdout' | 'stderr'): EmitOptions {
  const supported = to === 'stdout' ? supportsColor : supportsColorStderr;
  const level: ColorSupportLevel = colourWanted() && supported ? supported.level : 0;
  const stream = process[to];
  return {
    colour: new Chalk({ level }),
    width: stream.columns || Number(process.env.COLUMNS) || WIDTH_OF_NO_TERMINAL,
    ascii: process.argv.includes('--ascii') || isAsciiOnly(process.env),
    write: (text) => void stream.write(text),
  };
}

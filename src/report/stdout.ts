import { Chalk, type ColorSupportLevel, supportsColor } from 'chalk';
import type { EmitOptions } from './write.js';

/** Pipes and files have no width; logs are read in wide windows. */
const WIDTH_OF_NO_TERMINAL = 120;

/**
 * How this process's stdout wants its text. NO_COLOR (no-color.org) and --no-color win over all;
 * FORCE_COLOR colours what is not a terminal.
 * @param colour false where the user gave --no-color
 */
export function stdoutOptions(colour = true): EmitOptions {
  const wanted = colour && !process.env.NO_COLOR;
  const level: ColorSupportLevel = wanted && supportsColor ? supportsColor.level : 0;
  return {
    colour: new Chalk({ level }),
    width: process.stdout.columns || Number(process.env.COLUMNS) || WIDTH_OF_NO_TERMINAL,
    write: (text) => void process.stdout.write(text),
  };
}

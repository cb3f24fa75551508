import { fstatSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { MpsbenchError } from '../errors.js';

/** The formats for machines: each has a flag of its name, and every other list of them is made of this. */
export const MACHINE_FORMATS = [
  { id: 'json', help: 'write the result as JSON (to stdout without a file)' },
  { id: 'csv', help: 'write one line per row as CSV' },
  { id: 'markdown', help: 'write the tables as Markdown' },
  { id: 'html', help: 'write one self-contained page with plots' },
] as const;

type MachineFormatId = (typeof MACHINE_FORMATS)[number]['id'];

/** `table` is what people read in a terminal. */
export type FormatId = 'table' | MachineFormatId;

/** The flags that every command with a result has; `true`, `-` and `/dev/stdout` mean stdout. */
export type OutputFlags = { readonly [id in MachineFormatId]?: string | true | undefined } & {
  /** --open: show the page of --html in the browser. */
  readonly open?: true | undefined;
};

/** Where one format of a result goes. */
export interface Output {
  readonly format: FormatId;
  readonly target: 'stdout' | { readonly path: string };
}

/** @throws MpsbenchError `usage` for an empty name, and for two formats that go to one place */
export function outputsOf(flags: OutputFlags): Output[] {
  const taken = new Map<string, FormatId>();
  return MACHINE_FORMATS.flatMap(({ id }): Output[] => {
    const value = flags[id];
    if (value === undefined) return [];
    if (value === '') {
      throw new MpsbenchError(
        'usage',
        `--${id} has an empty file name.`,
        'Name a file, or leave the name out to write to stdout.',
      );
    }
    const toStdout = value === true || isStdout(value);
    const place = toStdout ? 'stdout' : identityOf(value);
    const other = taken.get(place);
    if (other) {
      throw new MpsbenchError(
        'usage',
        `--${other} and --${id} both write to ${toStdout ? 'stdout' : value}.`,
        `Give each a file of its own: --${other} FILE --${id} FILE.`,
      );
    }
    taken.set(place, id);
    return [{ format: id, target: toStdout ? 'stdout' : { path: value } }];
  });
}

const STDOUT_NAMES = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

/** Even if stdout has been redirected to the file: two writers would spoil it. */
function isStdout(path: string): boolean {
  if (STDOUT_NAMES.includes(path)) return true;
  try {
    const [file, stdout] = [statSync(path), fstatSync(1)];
    return file.isFile() && file.dev === stdout.dev && file.ino === stdout.ino;
  } catch {
    return false;
  }
}

/** The same for every spelling of a path, and for links to it. */
function identityOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fake = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What the fake interpreter does; the fields are explained in framework-driver.mjs. */
export interface DriverScript {
  readonly devices?: readonly object[];
  readonly whyNoGpu?: string;
  readonly fault?: {
    readonly method: string;
    readonly mode?: string;
    readonly does?: 'crash' | 'killed' | 'hang' | 'garbage' | 'flood';
    readonly code?: string;
    readonly message?: string;
  };
  readonly wrong?: string;
  readonly nan?: boolean;
  readonly programs?: Readonly<Record<string, object>>;
  readonly fallback?: readonly string[];
  readonly nsPerIteration?: Readonly<Record<string, number>>;
}

/**
 * A virtual environment that holds a framework by its metadata, with the fake interpreter.
 * @returns its path
 */
export function frameworkEnvironment(
  folder: string,
  script: DriverScript = {},
  { name = 'torch', version = '2.9.0', python = '3.12.4' } = {},
): string {
  const minor = python.split('.').slice(0, 2).join('.');
  const info = join(folder, `lib/python${minor}/site-packages/${name}-${version}.dist-info`);
  mkdirSync(info, { recursive: true });
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'pyvenv.cfg'), `home = /usr/bin\nversion = ${python}\n`);
  writeFileSync(
    join(info, 'METADATA'),
    `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  );
  const interpreter = join(folder, 'bin/python');
  copyFileSync(fake('framework-driver.mjs'), interpreter);
  chmodSync(interpreter, 0o755);
  const module = fake('interpreter.mjs');
  writeFileSync(join(folder, 'bin/script.json'), JSON.stringify({ module, ...script }));
  return folder;
}

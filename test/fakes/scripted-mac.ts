import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('mac-frameworks/run.py', import.meta.url));

/** What the fake frameworks of mac-frameworks/modules do besides computing. */
export interface MacScript {
  /** Ops run on the CPU although the GPU was asked for, as the framework itself tells it. */
  readonly fallback?: boolean;
}

/**
 * A virtual environment whose interpreter plays the frameworks of a Mac: the real drivers run on fake
 * modules of PyTorch (MPS), TensorFlow and JAX (Metal), and MLX. They only add.
 * @param python a real one with numpy
 */
export function scriptedMac(folder: string, python: string, script: MacScript = {}) {
  const bin = join(folder, 'bin');
  const packages = { torch: '2.9.0', tensorflow: '2.18.1', jax: '0.4.34', mlx: '0.29.0' };
  for (const [name, version] of Object.entries(packages)) {
    const info = join(folder, `lib/python3.12/site-packages/${name}-${version}.dist-info`);
    mkdirSync(info, { recursive: true });
    const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;
    writeFileSync(join(info, 'METADATA'), metadata);
  }
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(folder, 'pyvenv.cfg'), 'home = /usr/bin\nversion = 3.12.4\n');
  writeFileSync(join(bin, 'script.json'), JSON.stringify(script));
  const interpreter = join(bin, 'python');
  writeFileSync(
    interpreter,
    `#!/bin/sh\nMPSBENCH_FAKE_MAC=\${0%/*} exec '${python}' -B -X utf8 '${RUN}' "$@"\n`,
  );
  chmodSync(interpreter, 0o755);
  const calls = join(bin, 'calls');
  return {
    folder,
    interpreter,
    /** What the frameworks were asked since the last time. */
    takeCalls(): string[] {
      const text = existsSync(calls) ? readFileSync(calls, 'utf8') : '';
      rmSync(calls, { force: true });
      return text.split('\n').filter(Boolean);
    },
  };
}

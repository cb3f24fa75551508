/** Python environments as real files in a temporary folder, and a source that sees only them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type HostSource, systemSource } from '../../src/host/source.js';
import { interpreterHead } from './python-files.js';

export class PythonTree {
  readonly root = mkdtempSync(join(tmpdir(), 'mpsbench-python-'));

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content: string | Uint8Array): string {
    const full = this.path(path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    return full;
  }

  folder(path: string): string {
    mkdirSync(this.path(path), { recursive: true });
    return this.path(path);
  }

  /** A venv without packages; returns its prefix. */
  venv(path: string, version = '3.12.4'): string {
    const minor = version.split('.').slice(0, 2).join('.');
    this.write(`${path}/pyvenv.cfg`, `home = ${this.root}/base/bin\nversion = ${version}\n`);
    this.write(`${path}/bin/python`, interpreterHead('elf'));
    this.folder(`${path}/lib/python${minor}/site-packages`);
    return this.path(path);
  }

  /** Writes a package's METADATA; returns the path of its dist-info folder. */
  install(venv: string, name: string, version: string, metadata?: string | Uint8Array): string {
    const info = `${venv}/lib/python3.12/site-packages/${name}-${version}.dist-info`;
    this.write(
      `${info}/METADATA`,
      metadata ?? `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    );
    return this.path(info);
  }

  /** The file system as it is, with the tree as home and nothing on PATH. */
  source(env: Record<string, string> = {}, changes: Partial<HostSource> = {}): HostSource {
    return {
      ...systemSource,
      // The installations of the machine that runs the tests are left out.
      list: (folder) => (folder.startsWith(this.root) ? systemSource.list(folder) : none()),
      env: { HOME: this.path('home'), PATH: '', ...env },
      ...changes,
    };
  }
}

const none = async (): Promise<readonly string[]> => [];

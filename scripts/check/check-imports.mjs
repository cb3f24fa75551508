#!/usr/bin/env node
/**
 * Keeps the import rules of the source tree: which folder of src/ may import which other, types included.
 * Usage: node scripts/check/check-imports.mjs [FOLDER] (default: src)
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../setup/process.mjs';

/** Folder -> the other folders of src/ that it may import. Nothing points back. */
const BASE = ['text', 'files'];
const RESULT = ['result', ...BASE];
const GRAPH = ['graph', ...RESULT];
const DEVICES = ['backends', 'workloads', 'kernels', 'frameworks', ...GRAPH];
const ENGINES = ['runner', 'measure', 'host', ...DEVICES];
const FEATURES = ['bench', 'compare', 'fleet', 'watch', 'verify', 'report'];

const ALLOWED = {
  text: [],
  files: ['text'],
  result: BASE,
  graph: RESULT,
  kernels: GRAPH,
  workloads: GRAPH,
  frameworks: ['host', ...GRAPH],
  backends: ['host', 'kernels', 'frameworks', ...GRAPH],
  host: RESULT,
  measure: ['host', ...GRAPH],
  runner: ['measure', 'host', ...DEVICES],
  report: ENGINES,
  bench: ENGINES,
  compare: ENGINES,
  fleet: ENGINES,
  watch: ENGINES,
  verify: ENGINES,
  commands: [...FEATURES, ...ENGINES],
};

/** Files directly in src/ are for everyone, except the program itself, which is above all. */
const PROGRAM = ['cli.ts', 'command-line.ts', 'program.ts'];

const IMPORT =
  /^\s*(?:import|export)\s+(?:type\s+)?(?:[^'";]*?\sfrom\s+)?['"](?<from>\.[^'"]+)['"]|\bimport\(\s*['"](?<dynamic>\.[^'"]+)['"]/gm;

/**
 * @param {string} src the folder that holds cli.ts
 * @returns {string[]} one line per violation
 */
export function checkImports(src) {
  return sourceFiles(src).flatMap((file) => {
    const from = relative(src, file);
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(IMPORT)].flatMap((match) => {
      const { from: path, dynamic } = match.groups;
      const target = relative(
        src,
        resolve(dirname(file), (path ?? dynamic).replace(/\.js$/, '.ts')),
      );
      const reason = violation(from, target);
      const line = text.slice(0, match.index + match[0].search(/\S/)).split('\n').length;
      return reason ? [`src/${posix(from)}:${line}: imports ${posix(target)}: ${reason}`] : [];
    });
  });
}

function violation(from, target) {
  const [fromFolder, toFolder] = [folderOf(from), folderOf(target)];
  if (target.startsWith('..')) return `leaves src/`;
  if (PROGRAM.includes(from)) return '';
  if (PROGRAM.includes(target)) return 'nothing imports the program';
  if (fromFolder === '' && toFolder !== '') return 'a shared file is below every folder';
  if (toFolder === '') return '';
  if (fromFolder === toFolder) return crossesBackends(from, target);
  if (!Object.hasOwn(ALLOWED, fromFolder)) return `no rule for src/${fromFolder}`;
  if (ALLOWED[fromFolder].includes(toFolder)) return '';
  return `${fromFolder} may import: ${ALLOWED[fromFolder].join(', ') || 'nothing'}`;
}

/** src/backends/webgpu must not know src/backends/native. */
function crossesBackends(from, target) {
  const [a, b] = [from.split(sep), target.split(sep)];
  const bothInOne = a[0] === 'backends' && a.length > 2 && b.length > 2;
  return bothInOne && a[1] !== b[1] ? 'a backend never imports another backend' : '';
}

const folderOf = (path) => (path.includes(sep) ? path.split(sep)[0] : '');
const posix = (path) => path.replaceAll(sep, '/');

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const src = resolve(process.argv[2] ?? join(ROOT, 'src'));
  const found = existsSync(src) ? checkImports(src) : [`${src}: no such folder`];
  for (const line of found) process.stderr.write(`${line}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

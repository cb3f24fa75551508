#!/usr/bin/env node
/**
 * Type-checks what a Mac compiles against Apple's own headers, on any machine: every Objective-C++
 * source, the CPU backend and the core, for Apple silicon and for Intel. Warnings are errors, and an
 * API that is younger than macOS 13.0 must stand behind @available. Where the SDK is older than 26, the
 * Objective-C++ sources are checked once more with what SDK 26 and 27 add (macos-sdk-27.h). Then the whole
 * addon is linked for Apple silicon against the SDK's stubs with LLVM's linker.
 * Usage: MACOS_SDK=DIR node scripts/check/typecheck-metal.mjs [FILE...]
 *   MACOS_SDK: an unpacked MacOSX*.sdk; without it nothing is checked
 *   CLANG: the compiler (default: the first of clang++-16 to clang++-20 and clang++)
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { ROOT } from '../setup/process.mjs';
import { linkForMac } from './link-macos.mjs';

const TARGETS = ['arm64-apple-macos13.0', 'x86_64-apple-macos13.0'];
const COMPILERS = ['16', '17', '18', '19', '20']
  .map((version) => `clang++-${version}`)
  .concat('clang++');

const run = promisify(execFile);

/** The warnings of the build, so that both see the same. */
function buildWarnings() {
  const text = readFileSync(join(ROOT, 'CMakeLists.txt'), 'utf8');
  const options = /target_compile_options\(mpsbench_warnings INTERFACE ([^#$)]+)/.exec(text)?.[1];
  if (!options) throw new Error('CMakeLists.txt has no warnings for mpsbench_warnings');
  return options.trim().split(/\s+/);
}

/** What a Mac compiles, but for the addon, which has Node's headers and none of Apple's. */
function macSources() {
  return readdirSync(join(ROOT, 'native'), { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => {
      if (extname(file) === '.mm') return true;
      if (extname(file) !== '.cpp' || !/^(core|backends\/(cpu|metal))\//.test(file)) return false;
      return !/_linux\.cpp$|onednn/.test(file);
    })
    .map((file) => join('native', file))
    .sort();
}

function findCompiler() {
  const candidates = process.env.CLANG ? [process.env.CLANG] : COMPILERS;
  return candidates.find((name) => spawnSync(name, ['--version']).status === 0);
}

/** SDK 14 asks for a macro that clang before 17 does not define; dispatch queues are not objects without it. */
function versionMacro(compiler, target) {
  const flags = ['-target', target, '-dM', '-E', '-x', 'c', '/dev/null'];
  const macros = spawnSync(compiler, flags, { encoding: 'utf8' }).stdout;
  if (macros.includes('__ENVIRONMENT_OS_VERSION_MIN_REQUIRED__')) return [];
  const version = /__ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__ (\d+)/.exec(macros)?.[1];
  return version ? [`-D__ENVIRONMENT_OS_VERSION_MIN_REQUIRED__=${version}`] : [];
}

function flagsFor(file, target, sdk) {
  const language = file.endsWith('.mm')
    ? ['-x', 'objective-c++', '-fblocks', '-fno-objc-arc', '-fobjc-runtime=macosx-13.0']
    : ['-x', 'c++'];
  return [
    ...['-fsyntax-only', '-std=c++20', '-stdlib=libc++', '-target', target, '-isysroot', sdk],
    ...['-iframework', join(sdk, 'System/Library/Frameworks')],
    ...language,
    ...buildWarnings(),
    ...['-Werror', '-Wunguarded-availability', '-Wno-unknown-pragmas', '-ferror-limit=0'],
    // As the CPU backend is built on a Mac.
    ...['-DMPSBENCH_CBLAS', '-DMPSBENCH_ISA=baseline'],
    `-I${join(ROOT, 'native')}`,
  ];
}

/** What the Objective-C++ sources include of Apple's; to parse it takes far longer than to check a source. */
const APPLE_HEADERS = [
  'Metal/Metal.h',
  'MetalPerformanceShaders/MetalPerformanceShaders.h',
  'MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h',
  'IOKit/IOKitLib.h',
];

/**
 * Apple's headers, parsed once for these flags. With them a source need not include what it uses: every source is also
 * checked without, for Apple silicon.
 * @returns {Promise<string[]>} the flags that use them
 */
async function precompiled(compiler, name, flags) {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-typecheck-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const header = join(folder, `${name}.h`);
  writeFileSync(header, APPLE_HEADERS.map((file) => `#import <${file}>\n`).join(''));
  const language = { 'objective-c++': 'objective-c++-header' };
  const options = flags
    .filter((flag) => flag !== '-fsyntax-only')
    .map((flag) => language[flag] ?? flag);
  await run(compiler, [...options, header, '-o', `${header}.pch`], { cwd: ROOT });
  return ['-include-pch', `${header}.pch`];
}

/** Flags that make SDK 14 to 25 look like SDK 27, as far as macos-sdk-27.h goes; none for another one. */
function overlayFlags(sdk) {
  const { Version } = JSON.parse(readFileSync(join(sdk, 'SDKSettings.json'), 'utf8'));
  const major = Number.parseInt(Version, 10);
  if (major < 14 || major >= 26) return undefined;
  const overlay = join(ROOT, 'scripts/check/macos-sdk-27.h');
  // Apple's headers set the version unless it is set before them.
  return ['-include', overlay, '-D__MAC_OS_X_VERSION_MAX_ALLOWED=270000'];
}

/** The compiler's output where the file is not clean. */
async function check(compiler, file, flags) {
  try {
    await run(compiler, [...flags, file], { cwd: ROOT, maxBuffer: 64 * 2 ** 20 });
    return undefined;
  } catch (error) {
    return error.stderr || String(error);
  }
}

async function main(files) {
  const sdk = process.env.MACOS_SDK;
  if (!sdk) {
    console.log(
      'typecheck:metal was skipped: no macOS SDK was given. Set MACOS_SDK to an unpacked MacOSX*.sdk.',
    );
    return 0;
  }
  if (!existsSync(join(sdk, 'System/Library/Frameworks/Metal.framework/Headers/Metal.h'))) {
    console.error(`MACOS_SDK=${sdk} holds no Metal headers.`);
    return 1;
  }
  const compiler = findCompiler();
  if (!compiler) {
    console.error('There is no clang++ here. Install clang-16 or newer, or name one with CLANG.');
    return 1;
  }
  const sources = files.length > 0 ? files : macSources();
  const jobs = [];
  for (const target of TARGETS) {
    const flags = (file) => [...flagsFor(file, target, sdk), ...versionMacro(compiler, target)];
    const parsed = target === TARGETS[0] ? [] : await precompiled(compiler, 'sdk', flags('.mm'));
    for (const file of sources) {
      jobs.push({ file, flags: [...flags(file), ...(file.endsWith('.mm') ? parsed : [])] });
    }
  }
  const overlay = overlayFlags(sdk);
  if (overlay) {
    const macro = versionMacro(compiler, TARGETS[0]);
    const flags = [...flagsFor('.mm', TARGETS[0], sdk), ...overlay, ...macro];
    const parsed = await precompiled(compiler, 'overlay', flags);
    for (const file of sources.filter((name) => name.endsWith('.mm'))) {
      jobs.push({ file, flags: [...flags, ...parsed] });
    }
  }
  const dirty = new Set();
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const output = await check(compiler, job.file, job.flags);
      if (output === undefined) continue;
      dirty.add(job.file);
      process.stderr.write(output);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const clean = sources.length - dirty.size;
  console.log(
    `${clean} of ${sources.length} files are clean for ${TARGETS.join(' and ')} against ${sdk}` +
      `${overlay ? ', and with what SDK 26 and 27 add' : ''}.`,
  );
  if (dirty.size > 0) return 1;
  // On a Mac the build itself links.
  if (files.length > 0 || process.platform === 'darwin') return 0;
  const problem = linkForMac(sdk, compiler, versionMacro(compiler, TARGETS[0]));
  console.log(`The addon ${problem ? `does not link: ${problem}` : 'links against the SDK.'}`);
  return problem ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { BUILD, ROOT } from '../setup/process.mjs';

/** Node provides these when it loads the addon; clang's run-time library for macOS is not here. */
const PROVIDED = /^_(napi_\w+|node_api_\w+|___?isPlatformVersionAtLeast)$/;
/** Foundation's, whose stub some copies of the SDK lack. */
const FOUNDATION = /^_(OBJC_(CLASS|METACLASS|EHTYPE)_\$_NS\w+|NS\w+)$/;

const STUB = `--- !tapi-tbd
tbd-version: 4
targets: [ arm64-macos ]
install-name: '/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation'
reexported-libraries:
  - targets: [ arm64-macos ]
    libraries: [ '/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation' ]
...
`;

/**
 * Builds and links the whole addon for Apple silicon against the SDK's stubs, as a Mac would.
 * @param {string} sdk
 * @param {string} compiler clang++-N, whose lld and LLVM tools are used
 * @param {string[]} defines
 * @returns {string | undefined} what is wrong; undefined if nothing is
 */
export function linkForMac(sdk, compiler, defines) {
  const folder = join(BUILD, 'typecheck-macos');
  const version = /-\d+$/.exec(compiler)?.[0] ?? '';
  const tool = (name) => `/usr/bin/${name}${version}`;
  const missing = ['ld64.lld', 'llvm-nm', 'llvm-ar'].filter((name) => !existsSync(tool(name)));
  if (missing.length > 0) return `not linked: ${missing.map(tool).join(', ')} not found`;
  const hasFoundation = existsSync(
    join(sdk, 'System/Library/Frameworks/Foundation.framework/Foundation.tbd'),
  );
  const stubs = join(folder, 'stubs');
  if (!hasFoundation) {
    mkdirSync(join(stubs, 'Foundation.framework'), { recursive: true });
    writeFileSync(join(stubs, 'Foundation.framework', 'Foundation.tbd'), STUB);
  }
  const env = {
    ...process.env,
    MACOS_SDK: sdk,
    MACOS_FLAGS: defines.join(' '),
    MACOS_STUBS: hasFoundation ? '' : `-F${stubs}`,
  };
  const run = (command, args) =>
    spawnSync(command, args, { cwd: ROOT, env, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  const steps = [
    [
      ...['-S', ROOT, '-B', folder],
      `-DCMAKE_TOOLCHAIN_FILE=${join(ROOT, 'scripts/check/macos-toolchain.cmake')}`,
      ...['CXX', 'OBJCXX'].map((language) => `-DCMAKE_${language}_COMPILER=${compiler}`),
      `-DCMAKE_AR=${tool('llvm-ar')}`,
      `-DCMAKE_RANLIB=${tool('llvm-ranlib')}`,
      `-DCMAKE_INSTALL_NAME_TOOL=${tool('llvm-install-name-tool')}`,
      '-DMPSBENCH_PREBUILT=ON',
    ],
    ['--build', folder, '--target', 'mpsbench_addon', '--parallel', String(availableParallelism())],
  ];
  for (const args of steps) {
    const { status, stdout, stderr } = run('cmake', args);
    if (status !== 0) return `${stdout}\n${stderr}`;
  }
  const addon = join(folder, 'Release', 'mpsbench.node');
  const { stdout } = run(tool('llvm-nm'), ['-m', '-u', addon]);
  const unresolved = [...stdout.matchAll(/external (\S+) \(dynamically looked up\)/g)]
    .map(([, symbol]) => symbol)
    .filter((symbol) => !PROVIDED.test(symbol) && (hasFoundation || !FOUNDATION.test(symbol)));
  return unresolved.length > 0 ? `in no library of the SDK: ${unresolved.join(', ')}` : undefined;
}

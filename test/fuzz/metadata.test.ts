import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import type { HostSource } from '../../src/host/source.js';
import { seededRandom } from '../../src/measure/resampling-random.js';
import { renderAs } from '../../src/report/registry.js';
import type { Finding, VerifyResult } from '../../src/result/schema.js';
import { satisfies } from '../../src/verify/facts/version.js';
import { frameworkChecks } from '../../src/verify/frameworks/index.js';
import { scriptedHost } from '../fakes/hosts.js';
import { mutate, mutatedVersion } from '../fakes/mutations.js';
import { fixture, interpreterHead } from '../fakes/python-files.js';
import { devicesResult } from '../fakes/results.js';
import { scriptedContext } from '../fakes/verify-context.js';
import { fuzz, inputsOr, rawCharacter, SEED } from './fuzzing.js';

/** Files that are damaged, about nine in each environment. */
const INPUTS = inputsOr(400);
const FILES_EACH = 9;
const ENVIRONMENTS = Math.ceil(INPUTS / FILES_EACH);

const WHEELS = readdirSync(join(import.meta.dirname, '../fixtures/wheels')).filter(
  (name) => !name.endsWith('.md'),
);
const PREFIX = '/srv/fuzzed';
const CONFIG = 'home = /usr/bin\nimplementation = CPython\nversion = 3.12.4\n';
const BUILDS = ["cuda: Optional[str] = '12.8'\n", 'cuda = None\nhip = None\n'];
const RECORDS = [
  'pytorch-2.5.1-cuda126_py312h1_300',
  'jaxlib-0.4.31-cuda120py311h1',
  'numpy-2.1.0-py312h1',
];

/** An environment of a few real packages whose files were damaged. */
function fuzzed(random: () => number, count: { damaged: number }): HostSource {
  const site = `${PREFIX}/lib/python3.12/site-packages`;
  const files: Record<string, string> = { [`${site}/README.txt`]: '' };
  const hurt = (text: string) => {
    if (random() >= 0.6) return text;
    count.damaged++;
    return mutate(random, text);
  };
  for (let i = 0; i < 3; i++) {
    const wheel = WHEELS[Math.floor(random() * WHEELS.length)] ?? '';
    const [, name = wheel, version = '1.0'] = /^(.+)-(\d.*)$/.exec(wheel) ?? [];
    const shown = random() < 0.5 ? version : mutatedVersion(random).replaceAll('/', '_');
    const info = `${site}/${hurt(`${name.replaceAll('-', '_')}-${shown}`).replaceAll('/', '_')}.dist-info`;
    files[`${info}/METADATA`] = hurt(fixture(wheel, 'METADATA').slice(0, 20_000));
    files[`${info}/WHEEL`] = hurt(fixture(wheel, 'WHEEL'));
    files[`${info}/RECORD`] = hurt(`${name}/__init__.py,sha256=x,1\n`);
  }
  files[`${site}/torch/version.py`] = hurt(BUILDS[Math.floor(random() * BUILDS.length)] ?? '');
  if (random() < 0.5) files[`${PREFIX}/pyvenv.cfg`] = hurt(CONFIG);
  else {
    for (const record of RECORDS) {
      files[`${PREFIX}/conda-meta/${hurt(record).replaceAll('/', '_')}.json`] = '{}';
    }
  }
  const isMac = random() < 0.5;
  return scriptedHost({
    platform: isMac ? 'darwin' : 'linux',
    arch: isMac ? 'arm64' : 'x64',
    os: { release: isMac ? '25.1.0' : '6.8.0', machine: isMac ? 'arm64' : 'x86_64' },
    env: { HOME: '/home/ada', VIRTUAL_ENV: PREFIX },
    files: {
      ...files,
      ...(!isMac && {
        '/sys/bus/pci/devices/0000:01:00.0/vendor': '0x10de\n',
        '/sys/bus/pci/devices/0000:01:00.0/class': '0x030200\n',
        '/sys/bus/pci/devices/0000:01:00.0/device': hurt('0x2330\n'),
        '/proc/driver/nvidia/version': hurt(
          'NVRM version: NVIDIA UNIX x86_64  580.95.05  Release\n',
        ),
        '/usr/lib/x86_64-linux-gnu/libcuda.so.1': '',
      }),
    },
    sysctl: 'machdep.cpu.brand_string: Apple M3\nhw.optional.arm64: 1',
    commands: { '/usr/bin/sw_vers': hurt('ProductName:\t\tmacOS\nProductVersion:\t\t26.1\n') },
    binaries: { [`${PREFIX}/bin/python`]: interpreterHead(isMac ? 'arm64' : 'elf') },
  });
}

it(`${INPUTS} damaged files in ${ENVIRONMENTS} environments neither break nor stall a check, and nothing of them is started (seed ${SEED})`, {
  timeout: 60_000 + ENVIRONMENTS * 1_000,
}, async () => {
  const options = { colour: new Chalk({ level: 0 }), width: 100 };
  const count = { damaged: 0 };
  const { problems, slowestMs } = await fuzz(ENVIRONMENTS, async ({ number }) => {
    const context = scriptedContext(fuzzed(number, count));
    const findings: Finding[] = [];
    for (const check of frameworkChecks) {
      const found = await check.run(context);
      if (found.length === 0) return `${check.id} says nothing`;
      findings.push(...found);
    }
    const result: VerifyResult = { ...devicesResult, command: 'verify', findings };
    for (const format of ['table', 'json', 'csv', 'markdown'] as const) {
      const raw = rawCharacter(await renderAs(format, result, options));
      if (raw) return `${format} holds ${raw}`;
    }
    return undefined;
  });
  console.log(
    `${count.damaged} damaged files, ${ENVIRONMENTS} environments, the slowest took ${Math.round(slowestMs)} ms`,
  );
  expect(problems).toEqual([]);
  expect(count.damaged).toBeGreaterThan(INPUTS * 0.8);
});

it('versions and specifiers of any text compare without an error', () => {
  const random = seededRandom(SEED);
  for (let input = 0; input < INPUTS * 5; input++) {
    const version = mutatedVersion(random);
    const specifier = `${['>=', '==', '~=', '<', '!=', '===', ''][input % 7]}${mutatedVersion(random)}`;
    expect(typeof satisfies(version, specifier)).toBe('boolean');
  }
});

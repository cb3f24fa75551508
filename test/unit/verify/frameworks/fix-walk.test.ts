import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src/result/schema.js';
import { TABLE } from '../../../../src/verify/facts/index.js';
import { METAL_PARTNERS } from '../../../../src/verify/facts/tensorflow-metal-pairs.js';
import { TENSORFLOW_RELEASES } from '../../../../src/verify/facts/tensorflow-releases.js';
import { frameworkChecks } from '../../../../src/verify/frameworks/index.js';
import { type Example, machineOf, parseExample } from '../../../fakes/example-machines.js';
import { follow } from '../../../fakes/package-commands.js';
import { scriptedContext } from '../../../fakes/verify-context.js';
import { CASES } from './cases.js';

/** Machines for the rules that no case has, made from the tables themselves. */
const GENERATED: readonly string[] = [
  ...TABLE.tensorflow
    .filter(({ id, effect }) => /-metal-\d/.test(id) && effect === 'fails')
    .map(({ when }) => {
      const [tensorflow, metal] = [when.tensorflow, when['tensorflow-metal']].map((range = '') =>
        range.replace(/^==/, '').replace('.*', '.0'),
      );
      return `M2 python=3.9 tensorflow=${tensorflow} tensorflow-metal=${metal}`;
    }),
  ...METAL_PARTNERS.map(
    ({ tensorflow, python }) =>
      `M2 python=${/3\.\d+/.exec(python)?.[0]} ${/^2\.(?:\d|1[0-2])\./.test(tensorflow) ? 'tensorflow-macos' : 'tensorflow'}=${tensorflow.replace(/^(2\.1[02])\.1$/, '$1.0')}`,
  ),
  ...TENSORFLOW_RELEASES.filter(({ keras }) => keras).map(
    ({ newest, python }) =>
      `M2 python=${/3\.\d+/.exec(python)?.[0]} tensorflow=${newest} keras=1.0.0`,
  ),
  'M2 python=3.13 tensorflow=2.18.1 tensorflow-metal=1.2.0',
  'M2 tensorflow=2.21.0',
  'M2 tensorflow-metal=1.2.0',
  'M2 torch=1.11.0 python=3.10',
  'M2 macos=13.6 torch=2.10.0',
  'M2 macos=12.6 torch=2.6.0',
  'M2 jax=0.9.0 jaxlib=0.9.0',
  'M2 python=3.12 jax=0.9.0 jaxlib=0.9.0 jax-mps=0.11.2',
  'M2 mlx=0.30.0',
  'M2 mlx=0.30.0 mlx-metal=0.29.3',
  'M2 python=3.11 tensorflow=2.16.2 tensorflow-metal=1.2.0 keras=3.6.0 numpy=2.1.0',
  'M2 python=3.10 torch=2.2.2 numpy=2.1.0',
  'linux gpu=NVIDIA_A100 driver=550.54.15 tensorflow-cpu=2.18.0',
  'linux gpu=NVIDIA_A100 driver=550.54.15 jax=0.9.0 jaxlib=0.9.0',
  'linux gpu=NVIDIA_A100 driver=580.95.05 jax=0.9.0 jaxlib=0.9.0',
  'linux gpu=NVIDIA_A100 driver=550.54.15 onnxruntime=1.20.1 cuda=12.4 cudnn=9',
  'linux gpu=NVIDIA_A100 driver=550.54.15 onnxruntime=1.20.1 onnxruntime-gpu=1.20.1 cuda=12.4 cudnn=9',
  'linux gpu=NVIDIA_A100 driver=470.256.02 torch=2.9.0+build:12.8',
  'linux gpu=NVIDIA_A100 driver=550.54.15 torch=2.11.0+build:13.0 torchvision=0.26.0 torchaudio=2.11.0',
  'linux gpu=NVIDIA_A100 driver=550.54.15 layout=uv torch=2.9.0+cpu+build:cpu',
  'linux gpu=NVIDIA_A100 driver=525.60.13 mlx=0.30.0 mlx-cuda-12=0.30.0',
];

/** What a fix may leave: it says itself that the framework runs on the CPU then. */
const ON_CPU = /runs? on the CPU|Run MLX on the CPU/;

/** A driver, another machine or another program: no environment shows what became of it. */
const BEYOND = /^(?:sudo|wsl|docker|\.\/build\.sh|mpsbench|file)\b|\.\/build\.sh/;

const isTrouble = ({ state }: Finding) => state === 'fail' || state === 'warning';
const said = ({ state, rule, message }: Finding) => `${state} ${rule}: ${message}`;

async function troubles(example: Example, check: string): Promise<readonly Finding[]> {
  const found = frameworkChecks.find(({ id }) => id === check);
  const findings = (await found?.run(scriptedContext(machineOf(example)))) ?? [];
  return findings.filter(isTrouble);
}

interface Step {
  readonly example: Example;
  readonly finding: Finding;
  readonly text: string;
  readonly command: string;
}

/** Every fix of every finding about an example. */
async function stepsOf(machine: string): Promise<readonly Step[]> {
  const example = parseExample(machine);
  const findings = await Promise.all(frameworkChecks.map(({ id }) => troubles(example, id)));
  return findings
    .flat()
    .flatMap((finding) =>
      finding.fixes.flatMap(({ text, command }) =>
        command === undefined ? [] : [{ example, finding, text, command }],
      ),
    );
}

const machines = [...new Set([...CASES.map(({ machine }) => machine), ...GENERATED])];
const steps = (await Promise.all(machines.map(stepsOf))).flat();

describe('a fix', () => {
  it('is tried for most of the rules that have one', () => {
    const rules = new Set(steps.map(({ finding }) => finding.rule));
    expect(rules.size).toBeGreaterThan(70);
  });

  it.each(steps.map((step) => [step.finding.rule, step.command, step] as const))(
    '%s: %s',
    async (_rule, _command, { example, finding, text, command }) => {
      const after = follow(example, command);
      if (!after) {
        expect(command).toMatch(BEYOND);
        return;
      }
      const before = (await troubles(example, finding.check)).map(said);
      const left = await troubles(after, finding.check);
      expect(left.map(said), text).not.toContain(said(finding));
      if (ON_CPU.test(text)) return;
      // What it does not concern may stay; nothing new may come, but for what the CPU-only rules say.
      const fresh = left.filter((one) => !before.includes(said(one)));
      const onlyIdle = fresh.filter(({ details }) => details?.effect !== 'cpu-only');
      expect(onlyIdle.map(said), text).toEqual([]);
    },
  );
});

const MOST_ROUNDS = 5;

describe('following the first fixes', () => {
  const checksOf = new Map<string, readonly [Example, string]>();
  for (const { example, finding, command } of steps) {
    if (!BEYOND.test(command)) {
      checksOf.set(
        `${JSON.stringify([example.machine, [...example.settings], example.packages, example.conda])} ${finding.check}`,
        [example, finding.check],
      );
    }
  }

  it.each([...checksOf.values()].map(([example, check], i) => [check, i, example] as const))(
    'makes %s pass (%i)',
    async (check, _i, start) => {
      let example = start;
      const path: string[] = [];
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const left = await troubles(example, check);
        if (left.length === 0) return;
        const command = left
          .flatMap(({ fixes }) => fixes.slice(0, 1))
          .find(({ command: text }) => text)?.command;
        path.push(...left.map(said), `$ ${command}`);
        const next = command === undefined ? undefined : follow(example, command);
        if (!next) {
          // What is left says that only root, or another machine, can change it.
          const idle = left.every(({ details }) => details?.effect === 'cpu-only');
          expect(command ?? (idle ? 'sudo' : ''), path.join('\n')).toMatch(BEYOND);
          return;
        }
        example = next;
      }
      expect.fail(`no end after ${MOST_ROUNDS} fixes:\n${path.join('\n')}`);
    },
  );
});

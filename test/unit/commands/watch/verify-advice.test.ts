import { expect, it } from 'vitest';
import { withVerifyAdvice } from '../../../../src/commands/watch/verify-advice.js';
import type { Warning, WatchedFramework } from '../../../../src/result/schema.js';
import { machineOf, PREFIX, parseExample } from '../../../fakes/example-machines.js';
import { scriptedContext } from '../../../fakes/verify-context.js';

const UNREACHED: Warning = {
  name: 'framework-without-gpu',
  message: 'PyTorch reaches no GPU, though cuda:0 is there.',
  advice: 'Run `mpsbench verify`.',
};
const FLOAT64: Warning = { name: 'float64', message: 'float64.', advice: '' };

/** What ran with a framework that saw no GPU, in the Python of a recorded machine. */
function adviceFor(
  machine: string,
  framework: string,
  { state = 'not-used', availableDevices = [] as string[] } = {},
) {
  const own = {
    framework,
    devices: ['cpu'],
    availableDevices,
    interpreters: [`${PREFIX}/bin/python`],
  } as unknown as WatchedFramework;
  const watched = {
    verdict: { state, evidence: 'ops', message: '' },
    frameworks: [own],
    findings: [UNREACHED, FLOAT64],
  } as Parameters<typeof withVerifyAdvice>[0];
  return withVerifyAdvice(watched, new AbortController().signal, (python) =>
    scriptedContext(machineOf(parseExample(machine)), { python }),
  );
}

const NVIDIA = 'linux gpu=NVIDIA_A100 driver=550.54.15';

it.each([
  [`${NVIDIA} torch=2.5.1+cpu+build:cpu`, 'pytorch', /CPU/, /pip install/],
  [`${NVIDIA} tensorflow-cpu=2.18.0`, 'tensorflow', /build for the CPU/, /pip install/],
  [`${NVIDIA} jax=0.9.0 jaxlib=0.9.0`, 'jax', /JAX|jax/, /pip install/],
])('names what verify knows of %s', async (machine, framework, message, advice) => {
  const [first, ...others] = await adviceFor(machine, framework);
  expect(first.name).toBe(`frameworks.${framework}`);
  expect(first.message).toMatch(message);
  expect(first.advice).toMatch(advice);
  // It says the same with more precision than the finding that verify was advised for.
  expect(others).toContainEqual(FLOAT64);
  expect(others).not.toContainEqual(UNREACHED);
});

it('says nothing more where the GPU was used, was reached, or verify has no objection', async () => {
  const wrong = `${NVIDIA} torch=2.5.1+cpu+build:cpu`;
  const same = [UNREACHED, FLOAT64];
  expect(await adviceFor(wrong, 'pytorch', { state: 'used' })).toEqual(same);
  expect(await adviceFor(wrong, 'pytorch', { availableDevices: ['cuda:0'] })).toEqual(same);
  expect(await adviceFor(`${NVIDIA} torch=2.5.1+build:12.4`, 'pytorch')).toEqual(same);
});

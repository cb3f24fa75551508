import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const HOOK = fileURLToPath(new URL('../../src/watch/python', import.meta.url));

/** A program with a scripted clock, whose steps of `plainMs` take `countedMs` while ops are counted, for a minute. */
function minuteOfSteps(plainMs: number, countedMs: number) {
  const script = `
import json, os, sys
sys.path.insert(0, ${JSON.stringify(HOOK)})
os.environ["MPSBENCH_WATCH_OPS"] = "all"
from _mpsbench_watch import windows
now = 0
windows._clock = lambda: now
framework, window = windows.of("scripted", "1", 0)
plain, counted = ${plainMs} * 10**6, ${countedMs} * 10**6
while now < 60 * 10**9:
    if window.is_open:
        window.op(counted - plain)
    now += counted if window.is_open else plain
    window.step()
print(json.dumps([framework.steps, framework.counted_steps]))
`;
  const [steps, countedSteps] = JSON.parse(
    execFileSync('python3', ['-I', '-c', script], { encoding: 'utf8' }),
  );
  return { steps, countedSteps, overhead: 60e3 / (steps * plainMs) - 1 };
}

it('counts every step in `all` as long as that is cheap', () => {
  const { steps, countedSteps, overhead } = minuteOfSteps(10, 11);
  expect(steps - countedSteps).toBeLessThanOrEqual(5);
  expect(overhead).toBeLessThan(0.2);
});

it.each([
  [1, 5],
  [0.1, 2],
  [20, 30],
])('leaves steps out in `all` where counting makes %d ms %d ms', (plainMs, countedMs) => {
  const { countedSteps, overhead } = minuteOfSteps(plainMs, countedMs);
  expect(countedSteps).toBeGreaterThan(100);
  expect(overhead).toBeLessThan(0.2);
});

/** Calls of a compiled function in JAX for ten seconds, by a scripted clock: each takes `plainUs`, counted 5 us more. */
function secondsOfCalls(plainUs: number, ops: string) {
  const script = `
import json, os, sys
sys.path.insert(0, ${JSON.stringify(HOOK)})
os.environ["MPSBENCH_WATCH_OPS"] = ${JSON.stringify(ops)}
from _mpsbench_watch import on_jax, windows
now = 0
windows._clock = on_jax.clock = lambda: now
framework, window = windows.of("scripted", "1", 0)
class Kind:
    def __call__(self):
        return "plain"
def counting(self):
    return "counted"
calling = on_jax.Calling(Kind, counting, window, on_jax._SHARES[framework.counted])
calling.count()
kind, calls, counted = Kind(), 0, 0
while now < 10**10:
    calls += 1
    now += ${plainUs} * 1000
    if kind() == "counted":
        counted += 1
        now += 5000
        calling.spent(5000)
    calling.poll()
print(json.dumps([calls, counted, calling.scale()]))
`;
  const [calls, counted, scale] = JSON.parse(
    execFileSync('python3', ['-I', '-c', script], { encoding: 'utf8' }),
  );
  return { calls, counted, scale, overhead: 10e6 / (calls * plainUs) - 1 };
}

it('counts every call in JAX as long as that is cheap', () => {
  const { calls, counted, scale } = secondsOfCalls(1000, 'first-steps');
  expect(counted).toBe(calls);
  expect(scale).toBe(1);
});

it.each([
  ['first-steps', 0.05],
  ['all', 0.2],
])('leaves out small calls in JAX with %s, and knows how many there were', (ops, limit) => {
  const { calls, counted, scale, overhead } = secondsOfCalls(20, ops);
  expect(overhead).toBeLessThan(limit);
  expect(counted).toBeLessThan(calls);
  expect((counted * scale) / calls).toBeCloseTo(1, 1);
});

/** A program that prepares data with ops, and then trains: [steps, counted steps] after some seconds. */
function preparedProgram(opsBefore: number, opsOfStep: number) {
  const script = `
import json, os, sys
sys.path.insert(0, ${JSON.stringify(HOOK)})
os.environ["MPSBENCH_WATCH_OPS"] = "first-steps"
from _mpsbench_watch import windows
now = spent = 0
windows._clock = lambda: now
framework, window = windows.of("scripted", "1", 0)
def ops(count):
    global now, spent
    for _ in range(count):
        now += 10000
        if window.is_open:
            now += 45000
            spent += 45000
            window.op(45000)
ops(${opsBefore})
while now < 20 * 10**9:
    ops(${opsOfStep})
    window.step()
print(json.dumps([framework.steps, framework.counted_steps, spent / now]))
`;
  const [steps, countedSteps, share] = JSON.parse(
    execFileSync('python3', ['-I', '-c', script], { encoding: 'utf8' }),
  );
  return { steps, countedSteps, share };
}

it.each([
  [0, 100],
  [30_000, 100],
  [30_000, 5_000],
])(
  'counts first steps after %d ops of preparation, with %d ops each, at little cost',
  (before, of) => {
    const { countedSteps, share } = preparedProgram(before, of);
    expect(countedSteps).toBeGreaterThanOrEqual(of === 100 ? 10 : 1);
    expect(share).toBeLessThan(0.05);
  },
);

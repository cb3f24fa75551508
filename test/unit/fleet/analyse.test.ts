import { expect, test } from 'vitest';
import { analyseFleet } from '../../../src/fleet/analyse.js';
import { fleetAnswer } from '../../../src/report/fleet-document.js';
import { alike, fleetResult, readingOfResult } from '../../fakes/fleet.js';

function analyse(results: readonly unknown[], expected?: readonly string[]) {
  const readings = results.map((result, at) => readingOfResult(result, `node${at}.json`));
  return analyseFleet({ readings, unreadable: [] }, expected);
}

test('like hosts are all sound', () => {
  const { hosts, outliers, groups } = analyse(alike(20));
  expect(outliers).toEqual([]);
  expect(hosts.every(({ state }) => state === 'ok')).toBe(true);
  expect(groups).toHaveLength(2);
  expect(groups[0]).toMatchObject({ chip: 'NVIDIA H200', workload: 'cnn', hosts: 20 });
  expect(fleetAnswer({ hosts, outliers })).toBe(
    'All 20 hosts are sound and like the others of their kind.',
  );
});

test('a slow host is named, by how much, and why', () => {
  const slow = { times: { cnn: 1.4, linear: 3 }, driver: '550.54', powerMode: 'powersave' };
  const { hosts, outliers } = analyse(alike(12, { node7: slow }));
  expect(outliers).toMatchObject([
    { host: 'node7', workload: 'cnn', slower: true, groupMedianNs: expect.closeTo(1e6, -5) },
  ]);
  expect(outliers[0]?.change).toBeCloseTo(0.4, 1);
  expect(outliers[0]?.causes).toEqual([
    'power mode powersave (others: performance)',
    'driver 550.54 (others: 580.95)',
  ]);
  expect(hosts.find(({ name }) => name === 'node7')?.state).toBe('outlier');
  expect(fleetAnswer({ hosts, outliers })).toContain('node7 takes 40 % longer for cnn on cuda:0');
});

test('what the measurement itself says comes first among the causes', () => {
  const hot = { times: { cnn: 2, linear: 6 }, warnings: ['throttled'], driver: '550.54' };
  const { outliers } = analyse(alike(9, { node2: hot }));
  expect(outliers).toHaveLength(2);
  expect(outliers[0]?.causes[0]).toBe('its clocks were held down');
});

test('what most hosts of the group have is no cause', () => {
  const busy = (times: number) => ({ times: { cnn: times }, warnings: ['disturbed'] });
  const changes = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`node${i}`, busy(1)]));
  const { outliers } = analyse(alike(6, { ...changes, node2: busy(2) }));
  expect(outliers).toMatchObject([{ host: 'node2', causes: [] }]);
});

test('other machines and other sizes are groups of their own', () => {
  const other = { times: { cnn: 30 }, chip: 'NVIDIA T4' };
  const { outliers, groups } = analyse(alike(9, { node1: other }));
  expect(outliers).toEqual([]);
  expect(groups.map(({ chip, hosts }) => [chip, hosts])).toEqual([
    ['NVIDIA T4', 1],
    ['NVIDIA H200', 8],
    ['NVIDIA H200', 8],
  ]);
});

test('two hosts that differ: nobody can tell which is odd', () => {
  const results = [fleetResult({ name: 'a' }), fleetResult({ name: 'b', times: { cnn: 2 } })];
  expect(analyse(results).outliers).toEqual([]);
});

test('missing, wrong and unchecked hosts', () => {
  const results = alike(6, { node2: { state: 'wrong' }, node3: { state: 'failed' } });
  const { hosts } = analyse(results, ['node1', 'node9']);
  const states = Object.fromEntries(hosts.map(({ name, state }) => [name, state]));
  expect(states).toMatchObject({
    node1: 'ok',
    node2: 'wrong',
    node3: 'unchecked',
    node9: 'missing',
  });
  expect(hosts.find(({ name }) => name === 'node2')?.why).toContain('Value 3 is 7.');
});

test('the same result twice counts once, and is called that', () => {
  const results = alike(5);
  const { warnings, hosts } = analyse([...results, results[2]]);
  expect(hosts).toHaveLength(5);
  expect(warnings.map(({ message }) => message)).toEqual([
    'node3: node5.json and node2.json hold the same result, which counts once.',
  ]);
});

test('of two results of a host the newer counts', () => {
  const old = fleetResult({ name: 'node1', times: { cnn: 5, linear: 15 } });
  const results = [
    ...alike(6, { node1: { startedAt: '2026-05-02T10:00:00.000Z' } }),
    { ...old, startedAt: '2026-05-01T09:00:00.000Z' },
  ];
  const { outliers, warnings, hosts } = analyse(results);
  expect(outliers).toEqual([]);
  expect(hosts).toHaveLength(6);
  expect(warnings).toMatchObject([{ name: 'replaced' }]);
});

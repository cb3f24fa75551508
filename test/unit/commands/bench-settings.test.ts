import { Command } from 'commander';
import { describe, expect, it, test } from 'vitest';
import { kernelLevelFor } from '../../../src/bench/kernel-level.js';
import { reproduceCommand } from '../../../src/bench/reproduce.js';
import { readSettings } from '../../../src/commands/bench/read-settings.js';
import { addBenchFlags } from '../../../src/commands/bench.js';
import { createProgram } from '../../../src/program.js';
import { findWorkload, WORKLOADS } from '../../../src/workloads/registry.js';
import type { Workload } from '../../../src/workloads/types.js';

/** The settings of `mpsbench bench ID ARGS…`. */
function settingsOf([id, ...args]: readonly string[]) {
  const workloads = id === 'all' ? WORKLOADS : [findWorkload(id) as Workload];
  const command = addBenchFlags(new Command().exitOverride(), workloads);
  command.parse(args, { from: 'user' });
  return readSettings(workloads, command.opts());
}

const sizesOf = (...args: string[]) => settingsOf(args).workloads.map(({ params }) => params);

describe('--quick', () => {
  it('means small sizes', () => {
    const settings = settingsOf(['all', '--quick']);
    expect(settings.preset).toBe('small');
    expect(settings.workloads.map(({ params }) => params)).toEqual(
      WORKLOADS.map(({ presets }) => presets.small),
    );
    expect(settings.measure).toMatchObject({ precision: 0.05, maxSamples: 200 });
  });

  it('keeps small whatever is not given a size', () => {
    expect(sizesOf('linear', '--quick', '--rows', '128')).toMatchObject([
      { rows: 128, features: 256, units: 256 },
    ]);
    expect(sizesOf('all', '--quick', '--batch', '8')).toMatchObject([
      { shape: [2 ** 20] },
      { rows: 256 },
      { batch: 8 },
    ]);
  });

  it('leaves a preset that was named', () => {
    expect(sizesOf('cnn', '--quick', '--preset', 'large')).toMatchObject([{ batch: 16384 }]);
  });
});

describe('the examples in the help', async () => {
  const program = await createProgram({
    signal: new AbortController().signal,
    argv: [],
    exitCode: 0,
  });
  const bench = program.commands.find((command) => command.name() === 'bench');

  test.each(['', 'add', 'linear', 'cnn', 'all'])('of bench %s can be run', (name) => {
    const command = name ? bench?.commands.find((sub) => sub.name() === name) : bench;
    let help = '';
    command?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    const examples = [...help.matchAll(/\$ mpsbench bench (.*?)(?: {3,}|$)/gm)].map(
      ([, line]) => line,
    );
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const example of examples) settingsOf(example.split(' '));
  });
});

describe('the command that measures a row again', () => {
  const commandOf = (args: readonly string[]) => {
    const settings = settingsOf(args);
    const [chosen] = settings.workloads;
    const devices = [{ id: 'cpu:0' }];
    const kernels = kernelLevelFor(chosen, settings, devices, {});
    return reproduceCommand({ ...chosen, kernels }, settings, devices);
  };

  test.each([
    ['add', 'mpsbench bench add --device cpu:0'],
    ['cnn --preset default --dtype f32 --seed 1', 'mpsbench bench cnn --device cpu:0'],
    ['cnn --quick', 'mpsbench bench cnn --quick --device cpu:0'],
    [
      'cnn --quick --preset default --samples 200 --time 0.05 --timeout 600 --profile',
      'mpsbench bench cnn --quick --preset default --device cpu:0 --time 0.05 --samples 200 --profile --timeout 600',
    ],
  ])('%s', (line, command) => {
    expect(commandOf(line.split(' '))).toBe(command);
  });

  test.each([
    'add --elements 100000',
    'add --shape 7,11,13 --quick',
    'linear --rows 100 --preset large --warmup 0.3 --precision 0.7 --tf32',
    'linear --learning-rate 0.3 --time 1.1 --mode latency --samples 10',
    'cnn --batch 7 --placement strict --threads 2 --engine reference --dtype f64 --seed 9',
  ])('gives the same settings: %s', (line) => {
    const args = line.split(' ');
    const again = commandOf(args).split(' ').slice(2);
    expect(settingsOf(again)).toEqual({ ...settingsOf(args), device: 'cpu:0' });
  });
});

describe('--runs and --samples', () => {
  it.each([
    ['add', 3],
    ['add --quick', 1],
    ['add --samples 5', 1],
    ['add --samples 7', 2],
    ['add --samples 50', 3],
    ['add --samples 5 --runs 5', 5],
  ])('%s: %i runs', (args, runs) => {
    expect(settingsOf(args.split(' ')).runs).toBe(runs);
  });

  it('more runs than samples is a usage error', () => {
    expect(() => settingsOf(['add', '--samples', '2', '--runs', '3'])).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: '--runs 3 needs at least 3 samples, and --samples asks for 2.',
        advice: 'Use --samples 9 or more, or --runs 1.',
      }),
    );
  });
});

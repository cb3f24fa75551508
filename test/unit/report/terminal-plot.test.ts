import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { Plot } from '../../../src/report/document.js';
import { printTerminal } from '../../../src/report/terminal.js';
import { displayWidth } from '../../../src/report/text.js';

const sizes = [1, 4, 16, 64, 256, 1024, 4096];
const plot: Plot = {
  kind: 'plot',
  title: 'Speedup',
  x: 'batch',
  y: 'ratio',
  level: 1,
  series: [
    { name: 'metal:0', points: sizes.map((x) => ({ x, y: 0.01 * x })) },
    { name: 'pytorch:mps', points: sizes.map((x) => ({ x, y: 0.004 * x })) },
  ],
};
const draw = (block: Plot, width = 80, ascii = false) => {
  return printTerminal([block], { colour: new Chalk({ level: 0 }), width, ascii });
};

describe('a plot in the terminal', () => {
  it('distinguishes series without colour, and labels both axes', () => {
    const text = draw(plot);
    expect(text).toMatch(/● metal:0 {3}▲ pytorch:mps/);
    expect(text.match(/●/g)).toHaveLength(1 + sizes.length);
    expect(text).toMatch(/^ +10x │/m);
    expect(text).toMatch(/1 +4 +16 +64 +256 +1,024 +4,096\n/);
  });

  it.each([40, 60, 80, 120])('stays within %i columns', (width) => {
    const tooWide = draw(plot, width)
      .split('\n')
      .filter((line) => displayWidth(line) > width);
    expect(tooWide).toEqual([]);
  });

  it('draws with ASCII only', () => {
    expect(draw(plot, 80, true)).toMatch(/^[\n\x20-\x7e]+$/);
    expect(draw(plot, 80, true)).toContain('o metal:0   x pytorch:mps');
  });

  it('draws the level where its label is', () => {
    expect(draw(plot)).toMatch(/^ +1x │.*┄┄┄/m);
  });

  it('draws nothing of a single point, and a constant in the middle', () => {
    const single = { ...plot, series: [{ name: 'a', points: [{ x: 1, y: 1 }] }] };
    expect(draw(single).trim()).toBe('');
    const points = sizes.map((x) => ({ x, y: 2e6 }));
    const constant = draw({
      ...plot,
      y: 'time',
      level: undefined,
      series: [{ name: 'a', points }],
    });
    expect(constant).toContain('2 ms');
  });

  it('shows a hostile name without letting it act', () => {
    const text = draw({ ...plot, series: [{ ...plot.series[0], name: '\u001b[31mred' }] });
    expect(text).toContain('\\x1b[31mred');
  });
});

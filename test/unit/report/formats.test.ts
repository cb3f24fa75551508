import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { renderCsv } from '../../../src/report/csv.js';
import { renderJson } from '../../../src/report/json.js';
import { renderAs, renderMarkdown, renderTable } from '../../../src/report/registry.js';
import { MACHINE_FORMATS } from '../../../src/result/outputs.js';
import { type BenchResult, resultSchema } from '../../../src/result/schema.js';
import { failuresBench } from '../../fakes/faulty-results.js';
import { devicesResult, gpuBench, softwareBench } from '../../fakes/results.js';

describe('too few samples for an interval', () => {
  const few = JSON.parse(JSON.stringify(gpuBench));
  for (const { measurement, speedup } of few.rows) {
    for (const timed of [measurement?.wall, measurement?.device, speedup]) delete timed?.interval;
  }

  it('fit the schema, and have no precision in the tables', async () => {
    expect(resultSchema.parse(few)).toEqual(few);
    const table = await renderTable(few, { width: 200, colour: new Chalk({ level: 0 }) });
    expect(table).toMatch(/ [mµn]s ±\?.*x ±\?/);
    expect(table).not.toMatch(/±\d/);
  });

  it('leave the ends of the interval empty in CSV', () => {
    const [header, row] = renderCsv(few).split('\r\n');
    const at = header.split(',').indexOf('wall_median_ns');
    // The parameters before it are quoted and have commas.
    expect(row.replace(/"(?:[^"]|"")*"/g, 'quoted').split(',')[at]).toMatch(/^\d/);
    expect(
      row
        .replace(/"(?:[^"]|"")*"/g, 'quoted')
        .split(',')
        .slice(at + 1, at + 3),
    ).toEqual(['', '']);
  });
});

describe('json', () => {
  it('contains the whole result', () => {
    expect(JSON.parse(renderJson(gpuBench))).toEqual(gpuBench);
  });

  it('puts a sample or an array of numbers on one line', () => {
    const text = renderJson(softwareBench);
    expect(text).toContain('{ "iterations": 1, "wallNs": 61340000, "deviceNs": 60900000 }');
    expect(text).toMatch(/"interval": \[\S+ \S+\]/);
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('writes null for what is not finite', () => {
    const check = failuresBench.rows[0].verification?.checks[0];
    const text = renderJson({
      ...failuresBench,
      rows: [
        {
          ...failuresBench.rows[0],
          verification: {
            ok: false,
            seconds: 0,
            checks: check ? [{ ...check, maxAbsError: Number.NaN }] : [],
          },
        },
      ],
    });
    expect(text).toContain('"maxAbsError": null');
  });
});

describe('csv', () => {
  it('has a line for each row, of the same number of fields, ended by CR LF', () => {
    const lines = renderCsv(failuresBench).split('\r\n');
    expect(lines).toHaveLength(failuresBench.rows.length + 2);
    expect(lines.at(-1)).toBe('');
    const fields = (line: string) => (line.match(/(^|,)("([^"]|"")*"|[^,]*)/g) ?? []).length;
    for (const line of lines.slice(1, -1)) expect(fields(line)).toBe(fields(lines[0]));
  });

  it('quotes values with a comma or a quotation mark', () => {
    const [, row] = renderCsv(failuresBench).split('\r\n');
    expect(row).toContain('"{""shape"":[2,2]}"');
    expect(row).toContain('Value 3 of ""every sum"" is 12.5, and the reference says 12."');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', ' =1'])(
    'keeps a spreadsheet from running %j',
    (name) => {
      const devices = devicesResult.devices.map((device) => ({ ...device, name }));
      expect(renderCsv({ ...devicesResult, devices })).toContain(`,'${name},`);
    },
  );

  it('begins with columns in a fixed order', () => {
    const [header] = renderCsv(gpuBench).split('\r\n');
    expect(header).toMatch(/^workload,params,preset,dtype,device,engine,mode,state,verified,wall_/);
  });
});

describe('text from the machine', () => {
  const evil = 'GPU\u001b]0;owned\u0007\u009b31m\u202e|`<img>';
  const device = { ...devicesResult.devices[0], name: evil, details: { [evil]: evil } };
  const result = { ...devicesResult, devices: [device] };
  const options = { colour: new Chalk({ level: 0 }), width: 100 };

  it.each(['table', ...MACHINE_FORMATS.map(({ id }) => id)] as const)(
    'cannot control the terminal through %s',
    async (format) => {
      const text = (await renderAs(format, result, options)).replaceAll(/\r?\n/g, '');
      expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    },
  );

  it('cannot end a Markdown code span', async () => {
    const text = await renderMarkdown({ ...devicesResult, reproduce: 'a `` b ``` c' });
    expect(text).toContain('```` a `` b ``` c ````');
  });

  it('cannot break a Markdown table or add HTML', async () => {
    const text = await renderMarkdown(result);
    expect(text).toContain('\\|\\`&lt;img>');
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(rows.map((row) => row.match(/(?<!\\)\|/g)?.length)).size).toBe(1);
  });
});

describe('table', () => {
  const render = (result: BenchResult, level: 0 | 1 = 0) => {
    return renderTable(result, { colour: new Chalk({ level }), width: 100 });
  };

  it('has colours only if requested', async () => {
    expect(await render(softwareBench, 0)).not.toContain('\u001b[');
    expect(await render(softwareBench, 1)).toContain('\u001b[');
  });

  it('looks the same with and without colours', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
    expect((await render(gpuBench, 1)).replace(/\u001b\[\d+m/g, '')).toBe(
      await render(gpuBench, 0),
    );
  });

  it('says plainly that a software GPU is not a GPU', async () => {
    expect(await render(softwareBench)).toMatch(/^The software GPU \(webgpu:0, /);
    expect(await render(gpuBench)).not.toContain('software GPU');
  });

  it('shows what the examples computed if the devices disagree', async () => {
    expect(await render(failuresBench)).toContain('sum (webgpu:0)  [[6, 8], [10, 12.5]]');
  });

  it('says how to save a result that is in no file', async () => {
    const hint = 'add --json FILE';
    expect(await render(gpuBench)).toContain(hint);
    for (const format of ['table', 'markdown'] as const) {
      const options = { colour: new Chalk({ level: 0 }), width: 100, saved: true };
      expect(await renderAs(format, gpuBench, options)).not.toContain(hint);
    }
  });

  it('says why there are no rows', async () => {
    const error = { code: 'unavailable', message: 'No GPU was found.', advice: 'Buy one.' };
    const text = await render({ ...softwareBench, rows: [], devices: [], warnings: [], error });
    expect(text).toContain('No GPU was found.');
    expect(text).toContain('Buy one.');
    expect(text).not.toContain('Not available');
  });

  it('survives a result without rows or devices', async () => {
    expect(await render({ ...softwareBench, rows: [], devices: [], warnings: [] })).toContain(
      'Reproduce',
    );
    const empty = { ...devicesResult, devices: [], backends: [] };
    const text = await renderTable(empty, { colour: new Chalk({ level: 0 }), width: 80 });
    expect(text).toContain('No device was found.');
  });
});

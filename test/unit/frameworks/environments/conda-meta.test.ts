import { describe, expect, it } from 'vitest';
import {
  buildOfString,
  condaNameOf,
  distributionOf,
  parseRecordName,
} from '../../../../src/frameworks/environments/conda-meta.js';
import { findEnvironments } from '../../../../src/frameworks/environments/index.js';
import { exampleMachine, PREFIX } from '../../../fakes/example-machines.js';

describe('records of conda-meta', () => {
  it.each([
    ['pytorch-2.5.1-cuda126_py312h1_300.json', 'pytorch', '2.5.1', 'cuda126_py312h1_300'],
    ['cuda-nvcc-tools-12.6.85-hbd13f7d_0.json', 'cuda-nvcc-tools', '12.6.85', 'hbd13f7d_0'],
  ])('%s', (entry, name, version, build) => {
    expect(parseRecordName(entry)).toEqual({ name, record: { version, build } });
  });

  it.each(['history', 'pytorch.json', 'a-b.json', '-1-2.json'])('%s is not one', (entry) => {
    expect(parseRecordName(entry)).toBeUndefined();
  });

  it.each([
    ['cuda126_py312h4b6f2a1_300', '12.6'],
    ['cuda120py311h1', '12.0'],
    ['py3.10_cuda11.8_cudnn8.7.0_0', '11.8'],
    ['gpu_cuda124py39h05d824c_0', '12.4'],
    ['cpu_generic_py311h1', 'cpu'],
    ['mkl_py39h1', 'cpu'],
    ['py312h1_0', undefined],
  ])('the build %s is for %s', (build, expected) => {
    expect(buildOfString(build)).toBe(expected);
  });

  it("maps between conda's names and Python's", () => {
    const records = new Map([['pytorch', { version: '2.5.1', build: 'x' }]]);
    expect(distributionOf('pytorch')).toBe('torch');
    expect(distributionOf('pytorch-gpu')).toBeUndefined();
    expect(condaNameOf('torch', records)).toBe('pytorch');
    expect(condaNameOf('numpy', records)).toBeUndefined();
  });

  it('say which packages conda installed, including those without metadata', async () => {
    const source = exampleMachine(
      'linux python=3.11 conda:pytorch=2.5.1=cuda126_py311h1 conda:numpy=1.26.4=py311 numpy=2.0.0',
    );
    const [environment] = await findEnvironments(source, { python: [], cwd: '/srv/project' });
    expect(environment).toMatchObject({ prefix: PREFIX, layout: 'conda' });
    expect(environment?.packages.get('torch')).toMatchObject([
      { version: '2.5.1', build: '12.6', condaName: 'pytorch' },
    ]);
    // pip has replaced what conda installed.
    expect(environment?.packages.get('numpy')?.[0]).not.toHaveProperty('condaName');
  });
});

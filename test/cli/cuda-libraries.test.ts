import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  FILES,
  findCuda,
  LIBRARIES,
  type Library,
  libraryFolder,
  skipReason,
} from './fake-cuda.js';

const without = (...missing: readonly Library[]) =>
  LIBRARIES.filter((library) => !missing.includes(library));

/** The version of an optional library, or why it is missing, as `devices` shows it. */
const DETAILS = { cublasLt: 'cuBLASLt', cudnn: 'cuDNN', nvml: 'sensors' } as const;

describe.skipIf(skipReason)(
  `the search for NVIDIA's libraries${skipReason && ` (${skipReason})`}`,
  () => {
    it("searches the loader's own path", async () => {
      const { probe, devices } = await findCuda({ LD_LIBRARY_PATH: libraryFolder(LIBRARIES) });
      expect(probe).toEqual({ available: true, version: 'CUDA 13.0, NVRTC 13.0' });
      expect(devices[0].details).toMatchObject({ cuBLASLt: '13.1.0', cuDNN: '9.14.0' });
    });

    it.each<[string, Library, string]>([
      ['CUDA_HOME', 'nvrtc', 'lib64'],
      ['CUDA_PATH', 'nvrtc', 'lib'],
      ['CUDA_HOME', 'cublasLt', 'targets/x86_64-linux/lib'],
      ['VIRTUAL_ENV', 'nvrtc', 'lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib'],
      ['VIRTUAL_ENV', 'cublasLt', 'lib/python3.12/site-packages/nvidia/cu13/lib'],
      ['VIRTUAL_ENV', 'cudnn', 'lib/python3.12/site-packages/nvidia/cudnn/lib'],
      ['CONDA_PREFIX', 'cudnn', 'lib'],
      ['CONDA_PREFIX', 'nvrtc', 'lib/python3.13/site-packages/nvidia/cuda_nvrtc/lib'],
    ])('finds by %s: %s in %s', async (variable, library, at) => {
      const rest = libraryFolder(without(library));
      const { probe, devices } = await findCuda({
        LD_LIBRARY_PATH: rest,
        [variable]: libraryFolder([library], { at }),
      });
      expect(probe.available).toBe(true);
      const name = DETAILS[library as keyof typeof DETAILS];
      if (name) expect(devices[0].details[name]).toMatch(/^\d/);
    });

    it('finds the packages of a Python that is in PATH', async () => {
      const root = libraryFolder(['nvrtc'], {
        at: 'lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib',
      });
      mkdirSync(join(root, 'bin'));
      symlinkSync(process.execPath, join(root, 'bin', 'python3'));
      const { probe } = await findCuda({
        LD_LIBRARY_PATH: libraryFolder(without('nvrtc')),
        PATH: `${join(root, 'bin')}:${process.env.PATH}`,
      });
      expect(probe.available).toBe(true);
    });

    it('lets MPSBENCH_CUDA_PATH rule alone', async () => {
      const complete = libraryFolder(LIBRARIES, { at: 'lib64' });
      const { probe } = await findCuda({
        MPSBENCH_CUDA_PATH: libraryFolder(['driver']),
        LD_LIBRARY_PATH: join(complete, 'lib64'),
        CUDA_HOME: complete,
      });
      expect(probe).toMatchObject({ available: false });
      expect(probe.available ? '' : probe.reason).toContain(FILES.nvrtc);
      const two = [
        libraryFolder(['driver', 'nvml']),
        libraryFolder(['nvrtc', 'cublasLt', 'cudnn']),
      ];
      const found = await findCuda({ MPSBENCH_CUDA_PATH: two.join(':') });
      expect(found.devices[0].details).toMatchObject({ cuBLASLt: '13.1.0', cuDNN: '9.14.0' });
      const home = await findCuda({ MPSBENCH_CUDA_PATH: complete });
      expect(home.probe.available).toBe(true);
    });

    it.each(['driver', 'nvrtc'] as const)('cannot start without the %s', async (library) => {
      for (const incomplete of [[], [library]]) {
        const folder = libraryFolder(without(library), { incomplete });
        const { probe } = await findCuda({ MPSBENCH_CUDA_PATH: folder });
        if (probe.available) throw new Error(`it starts without the ${library}`);
        expect(probe.reason).toContain(FILES[library]);
        expect(probe.reason).toContain(folder);
        const install = library === 'driver' ? /driver/ : /pip install nvidia-cuda-nvrtc/;
        expect(probe.remedy).toMatch(incomplete.length > 0 ? /newer version/ : install);
      }
    });

    it.each(['cublasLt', 'cudnn', 'nvml'] as const)(
      'goes on without %s, and says why',
      async (library) => {
        for (const incomplete of [[], [library]]) {
          const folder = libraryFolder(without(library), { incomplete });
          const { probe, devices } = await findCuda({ MPSBENCH_CUDA_PATH: folder });
          expect(probe.available).toBe(true);
          const detail = String(devices[0].details[DETAILS[library]]);
          expect(detail).toMatch(/^missing: /);
          expect(detail).toContain(FILES[library]);
        }
      },
    );
  },
);

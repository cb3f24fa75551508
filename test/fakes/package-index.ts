/**
 * A small package index: versions and requirements of the real packages, as far as fixes install them.
 */
import { TORCH_PYTHONS } from '../../src/verify/facts/pytorch.js';
import { TENSORFLOW_RELEASES } from '../../src/verify/facts/tensorflow-releases.js';
import { satisfies } from '../../src/verify/facts/version.js';

export interface Release {
  readonly version: string;
  readonly python?: string;
  /** `NAME>=1; extra == 'x'`. */
  readonly requires?: readonly string[];
}

const NVIDIA_12 = (cudnn: string) => [
  'nvidia-cuda-runtime-cu12>=12.1',
  `nvidia-cudnn-cu12${cudnn}`,
  'nvidia-nvjitlink-cu12>=12.1',
];

const tensorflow: readonly Release[] = TENSORFLOW_RELEASES.flatMap((release) => {
  const { minor, newest, python, keras, cuda, cudnn } = release;
  const major = cuda.split('.')[0];
  const numpy =
    minor < 18 ? '<2' : minor === 18 ? '<2.1,>=1.26' : minor === 19 ? '<2.2,>=1.26' : '>=1.26';
  const own = {
    version: newest,
    python,
    requires: [
      ...(keras ? [`keras${keras}`] : ['keras>=3.10']),
      `numpy${numpy}`,
      ...(minor < 12 ? ['protobuf<3.20'] : []),
      ...(minor >= 14
        ? [
            `nvidia-cuda-runtime-cu${major}>=${cuda}; extra == 'and-cuda'`,
            `nvidia-cudnn-cu${major}>=${cudnn},<${Number(cudnn.split('.')[0]) + 1}; extra == 'and-cuda'`,
          ]
        : []),
    ],
  };
  return newest.endsWith('.0') ? [own] : [{ ...own, version: `2.${minor}.0` }, own];
});

const jax = [
  '0.4.25',
  '0.4.30',
  '0.4.35',
  '0.5.0',
  '0.5.2',
  '0.6.0',
  '0.6.1',
  '0.7.1',
  '0.9.0',
  '0.9.0.1',
  '0.10.0',
  '0.11.0',
];
const jaxPython = (version: string) =>
  satisfies(version, '>=0.11') ? '>=3.12' : satisfies(version, '>=0.7') ? '>=3.11' : '>=3.9,<3.14';
const jaxRelease = (version: string): Release => ({
  version,
  python: jaxPython(version),
  requires: [
    `jaxlib==${version}`,
    satisfies(version, '>=0.7.2') ? 'numpy>=2.0' : 'numpy>=1.22',
    `jax-cuda12-plugin==${version}; extra == 'cuda12'`,
    `jax-cuda12-pjrt==${version}; extra == 'cuda12'`,
    ...NVIDIA_12('>=9.8,<10').map((line) => `${line}; extra == 'cuda12'`),
    `jax-cuda13-plugin==${version}; extra == 'cuda13'`,
    `jax-cuda13-pjrt==${version}; extra == 'cuda13'`,
    "nvidia-cuda-runtime>=13; extra == 'cuda13'",
    "nvidia-cudnn-cu13>=9.8,<10; extra == 'cuda13'",
  ],
});

const mlx = ['0.18.0', '0.28.0', '0.29.3', '0.30.0', '0.30.6', '0.32.4'];
const plain = (...versions: string[]): readonly Release[] =>
  versions.map((version) => ({ version }));

export const PYPI: Readonly<Record<string, readonly Release[]>> = {
  tensorflow,
  'tensorflow-macos': tensorflow
    .filter(({ version }) => satisfies(version, '<2.17'))
    .flatMap((release) =>
      release.version === '2.12.1' || release.version === '2.10.1' ? [] : [release],
    ),
  'tensorflow-metal': [
    ...['0.1.2', '0.2.0', '0.3.0', '0.4.0'].map((version) => ({ version, python: '>=3.8,<3.10' })),
    ...['0.5.0', '0.6.0'].map((version) => ({ version, python: '>=3.8,<3.11' })),
    ...['0.8.0', '1.0.0', '1.0.1'].map((version) => ({ version, python: '>=3.8,<3.12' })),
    { version: '1.1.0', python: '>=3.9,<3.12' },
    { version: '1.2.0', python: '>=3.9,<3.13' },
  ],
  keras: plain(
    '2.9.0',
    '2.10.0',
    '2.11.0',
    '2.12.0',
    '2.13.1',
    '2.14.0',
    '2.15.0',
    '3.5.0',
    '3.6.0',
    '3.7.0',
    '3.12.0',
  ),
  'tf-keras': plain('2.16.0', '2.17.0', '2.18.0', '2.19.0', '2.20.1'),
  numpy: plain('1.21.6', '1.23.5', '1.26.4', '2.0.2', '2.1.3', '2.3.5'),
  protobuf: plain('3.19.6', '3.20.3', '4.25.8', '5.29.5', '6.33.0'),
  jax: jax.map(jaxRelease),
  jaxlib: plain(...jax),
  'jax-metal': [{ version: '0.1.1', requires: ['jaxlib>=0.4.34'] }],
  'jax-mps': [{ version: '0.11.2', python: '>=3.12', requires: ['jax>=0.11,<0.12'] }],
  metaljax: [{ version: '0.11.6', python: '>=3.12', requires: ['jax==0.11.*'] }],
  'jax-cuda12-plugin': plain(...jax),
  'jax-cuda12-pjrt': plain(...jax),
  'jax-cuda13-plugin': plain(...jax),
  'jax-cuda13-pjrt': plain(...jax),
  mlx: mlx.map((version) => ({
    version,
    python: satisfies(version, '>=0.30')
      ? '>=3.10,<3.15'
      : satisfies(version, '>=0.19')
        ? '>=3.9,<3.14'
        : '>=3.8,<3.13',
    requires: [
      ...(satisfies(version, '>=0.27')
        ? [`mlx-metal==${version}; platform_system == 'Darwin'`]
        : []),
      `mlx-cpu==${version}; extra == 'cpu'`,
      `mlx-cuda-12==${version}; extra == 'cuda12'`,
    ],
  })),
  'mlx-metal': plain(...mlx),
  'mlx-cpu': plain(...mlx),
  'mlx-cuda-12': plain(...mlx),
  onnxruntime: plain('1.18.0', '1.19.2', '1.23.2').map((release) => ({
    ...release,
    python: '>=3.8,<3.15',
  })),
  'onnxruntime-gpu': [
    { version: '1.18.0' },
    {
      version: '1.23.2',
      python: '>=3.10,<3.14',
      requires: [
        "nvidia-cuda-runtime-cu12>=12.1; extra == 'cuda'",
        "nvidia-cudnn-cu12>=9,<10; extra == 'cudnn'",
      ],
    },
  ],
  'nvidia-cuda-runtime-cu11': plain('11.8.89'),
  'nvidia-cuda-runtime-cu12': plain('12.9.79'),
  'nvidia-cuda-runtime': plain('13.0.96'),
  'nvidia-cudnn-cu11': plain('8.7.0.84', '8.9.6.50'),
  'nvidia-cudnn-cu12': plain('8.9.7.29', '9.1.0.70', '9.3.0.75', '9.10.2.21'),
  'nvidia-cudnn-cu13': plain('9.13.1.26'),
  'nvidia-nvjitlink-cu12': plain('12.9.86'),
  'nvidia-cusparse-cu12': plain('12.5.10.65'),
  'nvidia-cusolver-cu12': plain('11.7.5.82'),
  'nvidia-cuda-nvcc-cu12': plain('12.9.86'),
};

/** PyPI's PyTorch: the newest patch of each series, CUDA on x86_64 only. */
export const PYPI_TORCH: readonly Release[] = TORCH_PYTHONS.map(({ torch, python }) => ({
  version: torch === '2.2' ? '2.2.2' : `${torch}.0`,
  python,
}));
export const PYPI_CUDA: readonly (readonly [torch: string, cuda: string])[] = [
  ['>=2.11', '13.0'],
  ['>=2.8', '12.8'],
  ['>=2.7', '12.6'],
  ['>=2.5', '12.4'],
  ['>=2.1', '12.1'],
  ['>=1.12', '11.7'],
];

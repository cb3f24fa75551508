/**
 * What is known of Apple's chips, each value with its confidence and sources. `high`: Apple says so,
 * or independent sources agree; `medium`: one good source; `low`: a guess of others. A value that
 * nobody has measured is left out.
 */
export type Confidence = 'high' | 'medium' | 'low';

export interface Fact<T> {
  readonly value: T;
  readonly confidence: Confidence;
  readonly sources: readonly SourceId[];
}

/** A memory of a chip that is sold with several. */
export interface MemoryOption {
  readonly gbPerS: number;
  /** The number of GPU cores that it comes with, where that tells. */
  readonly gpuCores?: number;
}

export interface AppleChip {
  /** As `machdep.cpu.brand_string` and Metal name it. */
  readonly name: string;
  /** The numbers of GPU cores that it is sold with, the largest last. */
  readonly gpuCores: Fact<readonly number[]>;
  /** The highest clock of the GPU. */
  readonly gpuMHz?: Fact<number>;
  /** As Apple states it, the fastest last. */
  readonly memory: Fact<readonly MemoryOption[]>;
}

export type SourceId = keyof typeof SOURCES;

/** Where each short name leads to. */
export const SOURCES = {
  'philipturner/metal-benchmarks': 'https://github.com/philipturner/metal-benchmarks',
  'philipturner/applegpuinfo': 'https://github.com/philipturner/applegpuinfo',
  'llama.cpp discussion 4167': 'https://github.com/ggml-org/llama.cpp/discussions/4167',
  'kellyshephard/chips_table': 'https://gist.github.com/kellyshephard (chips_table.md)',
  'rlindsey2/sunkcost':
    "https://github.com/rlindsey2/sunkcost data/hardware.json (Apple's specification pages)",
  'lowendmac.com': 'https://lowendmac.com/2025/m5-vs-every-other-pro-max-ultra-apple-silicon-chip',
  'pas7.com.ua': 'https://pas7.com.ua/blog/en/apple-m5-pro-max-records-2026',
  'ioreg of an M1': 'https://gist.github.com/IMS212/04d2a96a06eb2c8062029e5680d144f6',
  'readings of M4 and M4 Max':
    'powermetrics and macmon on M4 and M4 Max: 1578 MHz; 3.99 TFLOPS seen on 10 cores',
  'psutil#2824': 'https://github.com/giampaolo/psutil/issues/2824',
  'michaelstinkerings.org': 'https://michaelstinkerings.org',
  FB23754032: 'Apple feedback FB23754032: 1620 MHz, and less in the automatic energy mode',
  hearsay: 'commonly stated; not looked up',
} as const;

const fact =
  (confidence: Confidence) =>
  <T>(value: T, ...sources: SourceId[]): Fact<T> => ({ value, confidence, sources });
const high = fact('high');
const medium = fact('medium');
const low = fact('low');

const memory = (gbPerS: number): readonly MemoryOption[] => [{ gbPerS }];

/** Where a chip has several memories, the number of GPU cores says which, but for the M6. */
export const APPLE_CHIPS: readonly AppleChip[] = [
  {
    name: 'Apple M1',
    gpuCores: high([7, 8], 'ioreg of an M1', 'philipturner/metal-benchmarks'),
    gpuMHz: high(1278, 'philipturner/metal-benchmarks'),
    memory: high(
      memory(68.25),
      'kellyshephard/chips_table',
      'llama.cpp discussion 4167',
      'philipturner/applegpuinfo',
    ),
  },
  {
    name: 'Apple M1 Pro',
    gpuCores: high([14, 16], 'philipturner/metal-benchmarks'),
    gpuMHz: high(1296, 'philipturner/metal-benchmarks'),
    memory: high(memory(200), 'llama.cpp discussion 4167', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M1 Max',
    gpuCores: high([24, 32], 'philipturner/metal-benchmarks'),
    gpuMHz: high(1296, 'philipturner/metal-benchmarks'),
    memory: high(memory(400), 'llama.cpp discussion 4167', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M1 Ultra',
    gpuCores: high([48, 64], 'philipturner/metal-benchmarks'),
    gpuMHz: high(1296, 'philipturner/metal-benchmarks'),
    memory: high(memory(800), 'llama.cpp discussion 4167', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M2',
    gpuCores: high([8, 10], 'philipturner/metal-benchmarks'),
    gpuMHz: high(1398, 'philipturner/metal-benchmarks'),
    memory: high(
      memory(100),
      'kellyshephard/chips_table',
      'llama.cpp discussion 4167',
      'philipturner/applegpuinfo',
    ),
  },
  {
    name: 'Apple M2 Pro',
    gpuCores: high([16, 19], 'philipturner/metal-benchmarks'),
    gpuMHz: high(1398, 'philipturner/metal-benchmarks'),
    memory: high(memory(200), 'llama.cpp discussion 4167', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M2 Max',
    gpuCores: high([30, 38], 'philipturner/metal-benchmarks'),
    gpuMHz: high(1398, 'philipturner/metal-benchmarks'),
    memory: high(memory(400), 'llama.cpp discussion 4167', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M2 Ultra',
    gpuCores: high([60, 76], 'llama.cpp discussion 4167'),
    gpuMHz: medium(1398, 'philipturner/metal-benchmarks'),
    memory: high(memory(800), 'llama.cpp discussion 4167', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M3',
    gpuCores: medium([8, 10], 'hearsay'),
    gpuMHz: medium(1380, 'philipturner/applegpuinfo'),
    memory: high(memory(100), 'kellyshephard/chips_table', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M3 Pro',
    gpuCores: medium([14, 18], 'hearsay'),
    gpuMHz: high(1380, 'philipturner/applegpuinfo', 'psutil#2824'),
    memory: high(memory(150), 'llama.cpp discussion 4167', 'philipturner/applegpuinfo'),
  },
  {
    name: 'Apple M3 Max',
    gpuCores: high([30, 40], 'philipturner/applegpuinfo'),
    gpuMHz: medium(1380, 'philipturner/applegpuinfo'),
    memory: high(
      [
        { gbPerS: 300, gpuCores: 30 },
        { gbPerS: 400, gpuCores: 40 },
      ],
      'philipturner/applegpuinfo',
      'llama.cpp discussion 4167',
    ),
  },
  {
    name: 'Apple M3 Ultra',
    gpuCores: high([60, 80], 'rlindsey2/sunkcost'),
    gpuMHz: low(1380, 'philipturner/applegpuinfo'),
    memory: high(memory(819), 'rlindsey2/sunkcost'),
  },
  {
    name: 'Apple M4',
    gpuCores: high([8, 10], 'rlindsey2/sunkcost', 'kellyshephard/chips_table'),
    gpuMHz: medium(1578, 'readings of M4 and M4 Max'),
    memory: high(memory(120), 'rlindsey2/sunkcost', 'kellyshephard/chips_table'),
  },
  {
    name: 'Apple M4 Pro',
    gpuCores: high([16, 20], 'rlindsey2/sunkcost', 'llama.cpp discussion 4167'),
    gpuMHz: high(1578, 'readings of M4 and M4 Max', 'psutil#2824'),
    memory: high(memory(273), 'rlindsey2/sunkcost', 'llama.cpp discussion 4167'),
  },
  {
    name: 'Apple M4 Max',
    gpuCores: high([32, 40], 'rlindsey2/sunkcost'),
    gpuMHz: high(1578, 'readings of M4 and M4 Max'),
    memory: high(
      [
        { gbPerS: 410, gpuCores: 32 },
        { gbPerS: 546, gpuCores: 40 },
      ],
      'rlindsey2/sunkcost',
      'llama.cpp discussion 4167',
    ),
  },
  {
    name: 'Apple M5',
    gpuCores: medium([8, 10], 'kellyshephard/chips_table'),
    gpuMHz: medium(1578, 'michaelstinkerings.org'),
    memory: high(memory(153.6), 'kellyshephard/chips_table', 'lowendmac.com'),
  },
  {
    name: 'Apple M5 Pro',
    gpuCores: high([16, 20], 'rlindsey2/sunkcost', 'pas7.com.ua'),
    memory: high(memory(307), 'rlindsey2/sunkcost', 'pas7.com.ua'),
  },
  {
    name: 'Apple M5 Max',
    gpuCores: high([32, 40], 'rlindsey2/sunkcost'),
    gpuMHz: medium(1620, 'FB23754032'),
    memory: high(
      [
        { gbPerS: 460, gpuCores: 32 },
        { gbPerS: 614, gpuCores: 40 },
      ],
      'rlindsey2/sunkcost',
      'pas7.com.ua',
      'llama.cpp discussion 4167',
    ),
  },
  {
    name: 'Apple M5 Ultra',
    gpuCores: medium([64, 80], 'rlindsey2/sunkcost'),
    memory: medium(memory(1_200), 'rlindsey2/sunkcost'),
  },
  {
    name: 'Apple M6',
    gpuCores: medium([12], 'rlindsey2/sunkcost'),
    memory: medium([{ gbPerS: 153 }, { gbPerS: 170 }], 'rlindsey2/sunkcost'),
  },
  {
    name: 'Apple A18 Pro',
    gpuCores: low([5], 'hearsay'),
    memory: low(memory(60), 'hearsay'),
  },
];

/** https://developer.apple.com/metal/feature-sets/, by series; later ones are not published yet. */
const FAMILIES: readonly (readonly [series: RegExp, family: string])[] = [
  [/^Apple M1\b/i, 'Apple7'],
  [/^Apple M2\b/i, 'Apple8'],
  [/^Apple (?:M3|M4|A18)\b/i, 'Apple9'],
  [/^Apple (?:M5|A19)\b/i, 'Apple10'],
];

/** The GPU family of a chip by its name, for example `Apple9` of `Apple M4 Max`. */
export function metalFamily(chip: string): string | undefined {
  return FAMILIES.find(([series]) => series.test(chip))?.[1];
}

/** The row of a chip by the name that drivers give it. */
export function findAppleChip(name: string): AppleChip | undefined {
  const chip = name.replace(/ GPU$/i, '').toLowerCase();
  return APPLE_CHIPS.find((row) => row.name.toLowerCase() === chip);
}

/** Multiplications with addition that a GPU core starts in a clock, in f32 and in f16. */
const LANES_PER_CORE = 128;
const FLOPS_PER_LANE = 2;

/**
 * FP32 rate by cores x lanes x clock. Measured closely for Apple7 and Apple8 (metal-benchmarks), less
 * so for Apple9; Apple10 has matrix units beside these lanes, so the formula says too little there.
 */
export function appleGflops(cores: number, mhz: number): number {
  return (cores * LANES_PER_CORE * FLOPS_PER_LANE * mhz) / 1000;
}

/** How sure the formula is for the GPU family of this chip; undefined if it does not hold. */
export function formulaConfidence(chip: string): Confidence | undefined {
  switch (metalFamily(chip)) {
    case 'Apple7':
    case 'Apple8':
      return 'high';
    case 'Apple9':
      return 'medium';
    default:
      return undefined;
  }
}

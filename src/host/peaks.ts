import type { DeviceKind, Peak } from '../backends/types.js';

/**
 * Physical limits of GPUs by the name that drivers give them. A name that fits no row has no peak:
 * a wrong limit would call a right result implausible. Where a chip is sold with fewer cores under
 * the same name, the row is that of the largest.
 */
interface Row {
  readonly name: RegExp;
  readonly peak: Peak;
}

const H100_SHEET = 'NVIDIA H100 datasheet';
const H200_SHEET = 'NVIDIA H200 datasheet';
const A100_SHEET = 'NVIDIA A100 datasheet';
const ADA_PAPER = 'NVIDIA Ada GPU architecture whitepaper';

/** Dense rates; f16, bf16 and TF32 with tensor cores, f64 with tensor cores where the chip has them. */
const HOPPER_SXM = { f32: 66_900, f64: 66_900, f16: 989_400, bf16: 989_400, tf32: 494_700 };
const AMPERE_A100 = { f32: 19_500, f64: 19_500, f16: 312_000, bf16: 312_000, tf32: 156_000 };

const NVIDIA: readonly Row[] = [
  nvidia('H200', 4_800, HOPPER_SXM, H200_SHEET),
  nvidia('H100 80GB HBM3', 3_350, HOPPER_SXM, H100_SHEET),
  nvidia('A100-SXM4-80GB', 2_039, AMPERE_A100, A100_SHEET),
  nvidia('A100-SXM4-40GB', 1_555, AMPERE_A100, A100_SHEET),
  nvidia('A100 80GB PCIe', 1_935, AMPERE_A100, A100_SHEET),
  nvidia('A100-PCIE-40GB', 1_555, AMPERE_A100, A100_SHEET),
  // f16 with f16 accumulation: the faster of the two.
  nvidia(
    'GeForce RTX 4090',
    1_008,
    { f32: 82_580, f64: 1_290, f16: 330_300, bf16: 165_200, tf32: 82_600 },
    ADA_PAPER,
  ),
];

/**
 * Bandwidth: bus width times the memory's data rate. FP32: cores x 128 ALUs x 2 (fused multiply-add)
 * x clock (github.com/philipturner/metal-benchmarks), only where the clock is known for sure; the
 * f16 rate of these ALUs is the same.
 */
const APPLE: readonly Row[] = [
  apple('M1', 68.25, { cores: 8, mhz: 1278 }),
  apple('M1 Pro', 204.8, { cores: 16, mhz: 1296 }),
  apple('M1 Max', 409.6, { cores: 32, mhz: 1296 }),
  apple('M1 Ultra', 819.2, { cores: 64, mhz: 1296 }),
  apple('M2', 102.4, { cores: 10, mhz: 1398 }),
  apple('M2 Pro', 204.8, { cores: 19, mhz: 1398 }),
  apple('M2 Max', 409.6, { cores: 38, mhz: 1398 }),
  apple('M2 Ultra', 819.2),
  apple('M3', 102.4),
  apple('M3 Pro', 153.6),
  apple('M3 Max', 409.6),
  apple('M3 Ultra', 819.2),
  apple('M4', 120),
  apple('M4 Pro', 273),
  apple('M4 Max', 546, { cores: 40, mhz: 1578 }),
  apple('M5', 153.6),
  apple('M5 Pro', 307.2),
  apple('M5 Max', 614.4),
];

/**
 * The peak of the GPU of this name.
 * @param kind of the device: a CPU of the same name (`Apple M3`) has other limits, a software GPU
 *   has none of its own.
 */
export function findPeak(deviceName: string, kind?: DeviceKind): Peak | undefined {
  if (kind === 'cpu' || kind === 'software') return undefined;
  const name = deviceName.trim();
  return [...NVIDIA, ...APPLE].find((row) => row.name.test(name))?.peak;
}

function nvidia(
  model: string,
  gbPerS: number,
  gflops: NonNullable<Peak['gflops']>,
  source: string,
): Row {
  return { name: new RegExp(`^(?:NVIDIA )?${model}$`, 'i'), peak: { gbPerS, gflops, source } };
}

function apple(chip: string, gbPerS: number, gpu?: { cores: number; mhz: number }): Row {
  const name = new RegExp(`^Apple ${chip}(?: GPU)?$`, 'i');
  const memory = 'Apple specifications (memory)';
  if (!gpu) return { name, peak: { gbPerS, source: memory } };
  const gflops = (gpu.cores * 128 * 2 * gpu.mhz) / 1000;
  return {
    name,
    peak: {
      gbPerS,
      gflops: { f32: gflops, f16: gflops },
      source: `${memory}; ${gpu.cores} GPU cores at ${gpu.mhz} MHz (philipturner/metal-benchmarks)`,
    },
  };
}

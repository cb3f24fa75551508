/**
 * NVIDIA's GPUs by generation, with the compute capability that builds are made for. Sources: NVIDIA's
 * list of compute capabilities, and the PCI ID repository for the ranges of device ids.
 */

/** Sources of both tables. */
export const GENERATION_SOURCES = ['nvidia-compute-capability', 'pci-ids'] as const;

export type Generation =
  | 'Kepler'
  | 'Maxwell'
  | 'Pascal'
  | 'Volta'
  | 'Turing'
  | 'Ampere'
  | 'Ada'
  | 'Hopper'
  | 'Blackwell';

export interface GpuGeneration {
  readonly generation: Generation;
  /** Compute capability: `9.0` is sm_90. */
  readonly capability: string;
}

type ChipRow = readonly [first: number, last: number, capability: string, generation: Generation];

/** Device ids of vendor 0x10de, one row a chip or a family of chips that share their capability. */
export const GPU_CHIPS: readonly ChipRow[] = [
  [0x0fc0, 0x0fff, '3.0', 'Kepler'], // GK107
  [0x1000, 0x102c, '3.5', 'Kepler'], // GK110
  [0x102d, 0x102d, '3.7', 'Kepler'], // GK210: Tesla K80
  [0x102e, 0x103f, '3.5', 'Kepler'], // GK110
  [0x1180, 0x11ff, '3.0', 'Kepler'], // GK104, GK106
  [0x1280, 0x12bf, '3.5', 'Kepler'], // GK208
  [0x1340, 0x13bf, '5.0', 'Maxwell'], // GM108, GM107
  [0x13c0, 0x143f, '5.2', 'Maxwell'], // GM204, GM206
  [0x174d, 0x179c, '5.0', 'Maxwell'], // GM108M
  [0x17c0, 0x17ff, '5.2', 'Maxwell'], // GM200
  [0x15f0, 0x15ff, '6.0', 'Pascal'], // GP100
  [0x1b00, 0x1d7f, '6.1', 'Pascal'], // GP102, GP104, GP106, GP107, GP108
  [0x1d80, 0x1dff, '7.0', 'Volta'], // GV100
  [0x1e00, 0x1fff, '7.5', 'Turing'], // TU102, TU104, TU106, TU117
  [0x2180, 0x21ff, '7.5', 'Turing'], // TU116
  [0x2080, 0x20ff, '8.0', 'Ampere'], // GA100
  [0x2200, 0x22ff, '8.6', 'Ampere'], // GA102
  [0x2400, 0x25ff, '8.6', 'Ampere'], // GA103, GA104, GA106, GA107
  [0x2300, 0x23ff, '9.0', 'Hopper'], // GH100
  [0x2680, 0x28ff, '8.9', 'Ada'], // AD102, AD103, AD104, AD106, AD107
  [0x2900, 0x29ff, '10.0', 'Blackwell'], // GB100, GB200
  [0x3180, 0x31ff, '10.3', 'Blackwell'], // GB300
  [0x2b00, 0x2b7f, '11.0', 'Blackwell'], // Thor
  [0x2b80, 0x2d7f, '12.0', 'Blackwell'], // GB202, GB203, GB206
  [0x2d80, 0x2dff, '12.0', 'Blackwell'], // GB207
  [0x2f00, 0x2f7f, '12.0', 'Blackwell'], // GB205
  [0x2e00, 0x2e7f, '12.1', 'Blackwell'], // GB10
];

type NameRow = readonly [model: RegExp, capability: string, generation: Generation];

/** Model names as the driver prints them; the first row that matches counts. */
const NAMES: readonly NameRow[] = [
  [/\bGB10\b/, '12.1', 'Blackwell'],
  [/\b(?:RTX 50[5-9]0|RTX PRO \d+)\b/i, '12.0', 'Blackwell'],
  [/\bThor\b/i, '11.0', 'Blackwell'],
  [/\bG?B300\b/, '10.3', 'Blackwell'],
  [/\bG?B[12]00\b/, '10.0', 'Blackwell'],
  [/\b(?:G?H100|G?H200|H800|H20|H100L)\b/, '9.0', 'Hopper'],
  [/\b(?:RTX 40[5-9]0|L40S?|L4|L20|L2|RTX \d{4} (?:SFF )?Ada)\b/i, '8.9', 'Ada'],
  [/\bOrin\b/i, '8.7', 'Ampere'],
  [/\b(?:A100X?|A800|A30X?|CMP 170HX)\b/, '8.0', 'Ampere'],
  [
    /\b(?:RTX 30[5-9]0|RTX A[1-6]\d{3}H?|RTX 2050|MX570|A40|A10[GM]?|A16|A2|CMP [39]0HX)\b/i,
    '8.6',
    'Ampere',
  ],
  [/\bXavier\b/i, '7.2', 'Volta'],
  [/\b(?:V100S?|TITAN V|GV100)\b/i, '7.0', 'Volta'],
  [
    /\b(?:RTX 20[678]0|GTX 16[356]0|TITAN RTX|Quadro RTX \d{4}|T4G?|T[4-6]00|T1[02]00|T1000|T2000|MX4[05]0|MX550|CMP [3-5]0HX)\b/i,
    '7.5',
    'Turing',
  ],
  [/\b(?:P100|GP100)\b/, '6.0', 'Pascal'],
  [/\bTX2\b/, '6.2', 'Pascal'],
  [
    /\b(?:GTX? 10[1-8]0|TITAN X \(Pascal\)|TITAN Xp|P40|P4|P6|Quadro P\d{3,4}|P[1-6]\d00|MX[1-3][1-5]0)\b/i,
    '6.1',
    'Pascal',
  ],
  [/\bTX1\b/, '5.3', 'Maxwell'],
  [
    /\b(?:GTX 9[5-8]0|TITAN X|Tesla M(?:40|60|4|6)|M(?:40|60)|Quadro M[2-6]\d00)\b/i,
    '5.2',
    'Maxwell',
  ],
  [/\b(?:GTX 7[45]\d|GTX? 9[1-4]0M?|M10|GTX 8[5-7]0M|Quadro [KM]\d00M?)\b/i, '5.0', 'Maxwell'],
  [/\bK80\b/, '3.7', 'Kepler'],
  [
    /\b(?:K20[cmXs]?|K40[cmst]?|GTX 78\d|GTX TITAN|TITAN Black|Quadro K[56]\d00)\b/i,
    '3.5',
    'Kepler',
  ],
  [/\b(?:K10|GTX? [67]\d0|GRID K[12]|Quadro K\d{3,4})\b/i, '3.0', 'Kepler'],
];

/** By the PCI device id (`0x2684`); undefined for one that the table does not know. */
export function generationOfDevice(device: string): GpuGeneration | undefined {
  const id = Number.parseInt(device, 16);
  const row = GPU_CHIPS.find(([first, last]) => id >= first && id <= last);
  return row && { capability: row[2], generation: row[3] };
}

/** By the model's name (`NVIDIA GeForce RTX 4090`); undefined for a name that says too little. */
export function generationOfName(model: string): GpuGeneration | undefined {
  const row = NAMES.find(([name]) => name.test(model));
  return row && { capability: row[1], generation: row[2] };
}

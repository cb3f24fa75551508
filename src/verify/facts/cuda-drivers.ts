import { sourceText } from './sources.js';
import { satisfies } from './version.js';

export const CUDA_DRIVER_SOURCES = [
  sourceText('nvidia-table3'),
  sourceText('nvidia-minor'),
] as const;

/**
 * The first Linux driver that loads what was built for any toolkit of a CUDA major version.
 * Source: CUDA compatibility, minor version compatibility.
 */
export const CUDA_FLOOR = { 11: '450.80.02', 12: '525.60.13', 13: '580' } as const;

/**
 * The CUDA toolkits by the first Linux driver that runs them fully.
 * Source: CUDA Toolkit release notes, table 3 (edition 13.2 Update 2).
 */
const TOOLKITS: readonly (readonly [toolkit: string, driver: string])[] = [
  ['13.2', '595.45.04'],
  ['13.1', '590.44.01'],
  ['13.0', '580.65.06'],
  ['12.9', '575.51.03'],
  ['12.8', '570.26'],
  ['12.6', '560.28.03'],
  ['12.5', '555.42.02'],
  ['12.4', '550.54.14'],
  ['12.3', '545.23.06'],
  ['12.2', '535.54.03'],
  ['12.1', '530.30.02'],
  ['12.0', CUDA_FLOOR[12]],
  ['11.8', '520.61.05'],
  ['11.7', '515.43.04'],
  ['11.6', '510.39.01'],
  ['11.5', '495.29.05'],
  ['11.4', '470.42.01'],
  ['11.3', '465.19.01'],
  ['11.2', '460.27.03'],
  ['11.1', '455.23'],
  ['11.0', '450.51.05'],
];

/** The newest toolkit that a driver runs fully; undefined before CUDA 11. */
export function cudaLevelOf(driver: string): string | undefined {
  return TOOLKITS.find(([, first]) => satisfies(driver, `>=${first}`))?.[0];
}

import { backendEntries } from '../backends/registry.js';
import type { Monitor } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';

export interface Monitors {
  readonly monitors: readonly Monitor[];
  /** A sentence: why there are none, or not all. */
  readonly problem?: string;
}

/** The sensors of every GPU here. Never throws. */
export async function openMonitors(): Promise<Monitors> {
  const monitors: Monitor[] = [];
  const problems: string[] = [];
  for (const { load, hasMonitors, isHarmless } of backendEntries()) {
    if (!hasMonitors || isHarmless?.()) continue;
    try {
      monitors.push(...((await (await load()).monitors?.()) ?? []));
    } catch (error) {
      const { message, advice } = MpsbenchError.from(error);
      problems.push([message, advice].filter(Boolean).join(' '));
    }
  }
  return { monitors, ...(problems.length > 0 && { problem: problems.join(' ') }) };
}

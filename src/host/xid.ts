import type { HostSource } from './source.js';

/** An error that NVIDIA's driver logged about a card. */
export interface Xid {
  readonly code: number;
  /** `0000:3b:00`, lower case, without the function. */
  readonly pciId: string;
  /** Seconds since boot; undefined if the log has no times. */
  readonly atS: number | undefined;
}

interface Meaning {
  readonly what: string;
  readonly advice: string;
}

const PROGRAM = 'A kernel did something wrong, or the driver: update the driver and run it again.';
const MEMORY =
  "The card's memory is failing: check nvidia-smi -q -d ECC,ROW_REMAPPER, and reset the card before you use it again.";
const RESET = 'Reset the card (nvidia-smi --gpu-reset) or restart the machine.';
const HARDWARE =
  'Check power cables, slot, temperature and risers; restart the machine. If it happens again, have the card replaced.';

/** What Xids mean (NVIDIA, "XID Errors", https://docs.nvidia.com/deploy/xid-errors/). */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  13: { what: 'graphics engine exception', advice: PROGRAM },
  31: { what: 'GPU memory page fault', advice: PROGRAM },
  32: { what: 'invalid or corrupted push buffer stream', advice: PROGRAM },
  38: { what: 'driver firmware error', advice: RESET },
  43: { what: 'GPU stopped processing', advice: PROGRAM },
  45: { what: 'work was removed after an earlier error', advice: PROGRAM },
  48: { what: 'double-bit ECC error', advice: MEMORY },
  61: { what: 'internal microcontroller breakpoint or warning', advice: RESET },
  62: { what: 'internal microcontroller halt', advice: RESET },
  63: { what: 'a memory page or row was retired after an ECC error', advice: MEMORY },
  64: { what: 'a memory page or row could not be retired', advice: MEMORY },
  69: { what: 'graphics engine class error', advice: PROGRAM },
  74: { what: 'NVLink error', advice: HARDWARE },
  79: { what: 'GPU has fallen off the bus', advice: HARDWARE },
  92: { what: 'high rate of single-bit ECC errors', advice: MEMORY },
  94: { what: 'contained ECC error', advice: MEMORY },
  95: { what: 'uncontained ECC error', advice: MEMORY },
  109: { what: 'context switch timeout', advice: RESET },
  119: { what: 'timeout of the GPU system processor (GSP)', advice: RESET },
  120: { what: 'error of the GPU system processor (GSP)', advice: RESET },
  140: { what: 'unrecovered ECC error', advice: MEMORY },
};

/** What a code means, and what to do. */
export function meaningOfXid(code: number): Meaning {
  return (
    MEANINGS[code] ?? {
      what: "see NVIDIA's list of Xid errors",
      advice: `Look up Xid ${code} at https://docs.nvidia.com/deploy/xid-errors/.`,
    }
  );
}

/** `[ 1234.5] NVRM: Xid (PCI:0000:3b:00): 79, pid=...`: since driver 5xx, and `GPU at 0000:3b:00` before. */
const LINE =
  /^(?:\[\s*(\d+\.\d+)\])?.*NVRM: Xid \((?:PCI:)?([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2})(?:\.\d)?\): (\d{1,4})\b/gim;

/** The Xids in a kernel log, oldest first. */
export function parseXids(log: string): Xid[] {
  return [...log.matchAll(LINE)].map(([, at, pciId, code]) => ({
    code: Number(code),
    pciId: pciId.toLowerCase(),
    atS: at === undefined ? undefined : Number(at),
  }));
}

/** The Xids of a card since a moment. @param pciId as CUDA says it, with the function */
export function xidsOf(xids: readonly Xid[], pciId: string, sinceS: number): Xid[] {
  const card = pciId.toLowerCase().replace(/\.\d$/, '');
  return xids.filter((xid) => xid.pciId === card && (xid.atS ?? sinceS) >= sinceS);
}

/** The kernel's log as `dmesg` shows it; none if only root may read it. */
export async function readXids(source: Pick<HostSource, 'exec'>): Promise<Xid[]> {
  return parseXids((await source.exec('dmesg', [])) ?? '');
}

/** What NVML says of a GPU, in its order: that of the PCI ids. */
interface Card {
  readonly uuid?: string;
}

/** A GPU's id, and whether CUDA_VISIBLE_DEVICES hides it from programs. */
export interface CudaName {
  readonly id: string;
  readonly isHidden: boolean;
}

/**
 * The ids that CUDA gives to GPUs which NVML lists: CUDA_VISIBLE_DEVICES hides and reorders them. A hidden one goes by
 * its number in nvidia-smi. GPUs of different models have an order of CUDA's own, unless CUDA_DEVICE_ORDER=PCI_BUS_ID.
 */
export function cudaNames(cards: readonly Card[], visible: string | undefined): CudaName[] {
  const shown = visible === undefined ? cards.map((_, i) => i) : visibleCards(cards, visible);
  return cards.map((_, i) => {
    const place = shown.indexOf(i);
    return place < 0
      ? { id: `nvidia-smi:${i}`, isHidden: true }
      : { id: `cuda:${place}`, isHidden: false };
  });
}

/** The list ends at the first entry that is no GPU, as CUDA's does. */
function visibleCards(cards: readonly Card[], visible: string): number[] {
  const found: number[] = [];
  for (const entry of visible.split(',').map((word) => word.trim())) {
    const index = /^\d+$/.test(entry)
      ? Number(entry)
      : cards.findIndex(({ uuid }) => entry.startsWith('GPU-') && uuid?.startsWith(entry));
    if (index < 0 || index >= cards.length) break;
    if (!found.includes(index)) found.push(index);
  }
  return found;
}

import type { Tone } from './document.js';

/** How a terminal shows each tone. */
export type Paint = Record<Tone, (text: string) => string>;

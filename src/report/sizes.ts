import type { Row } from '../result/schema.js';

/** `batch 256, image 28`: as the flags name them; the learning rate changes no time. */
export function sizesText(params: Row['params']): string {
  return Object.entries(params)
    .filter(([name]) => name !== 'data' && name !== 'learningRate')
    .map(([name, value]) => {
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return `${words} ${Array.isArray(value) ? value.join('x') : value}`;
    })
    .join(', ');
}

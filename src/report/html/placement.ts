import type { Row } from '../../result/schema.js';
import { placementTable } from '../placement-table.js';
import { printTable } from './blocks.js';
import { seriesClass } from './frame.js';
import { type Html, html, lines } from './markup.js';

/** The ops of a row as a strip, each in the colour of the device that ran it; the table unfolds below. */
export function placementStrip(row: Row, colorOf: (device: string) => number): Html {
  const { placement, device, workload } = row;
  if (placement.length === 0) return html``;
  const elsewhere = placement.filter(({ placed, requested }) => placed !== requested).length;
  const note =
    elsewhere === 0
      ? 'every op ran where requested'
      : `${elsewhere} of ${placement.length} ops ran elsewhere`;
  const chips = placement.map(({ op, placed, requested, kernel, evidence, reason }) => {
    const tip = [`${op} on ${placed}`, kernel, evidence.replaceAll('-', ' '), reason]
      .filter(Boolean)
      .join('\n');
    return html`<li class="${seriesClass(colorOf(placed))}${placed !== requested && ' moved'}" data-tip="${lines(tip)}">${op}</li>`;
  });
  return html`<div class="placement"><h3>${workload} on ${device} <small>${note}</small></h3><ol class="chips">${chips}</ol><details><summary>Kernels and evidence</summary>${printTable(placementTable(row), `Placement of ${workload} on ${device}`)}</details></div>`;
}

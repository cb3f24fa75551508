import { curvesOf } from '../../result/curves.js';
import type { BenchResult, Row, SweepRecord } from '../../result/schema.js';
import { answerOf } from '../answer.js';
import type { Document } from '../document.js';
import { gateAnswer, gateDetails } from '../gate-blocks.js';
import { sweepBlocks } from '../sweep/sweep-blocks.js';
import { speedupPlot, timePlot } from '../sweep/sweep-plots.js';
import { machineFacts } from '../system-facts.js';
import { sentencesOf } from '../text.js';
import { warningBlocks } from '../warnings-section.js';
import { groupsOf, workloadBlocks } from '../workload-section.js';
import { speedBars } from './bars.js';
import { printHtml } from './blocks.js';
import { plotFigure } from './curves.js';
import { type Html, html } from './markup.js';
import type { Body } from './page.js';
import { placementStrip } from './placement.js';
import { ratioBars } from './ratio-bars.js';
import { rooflineFigure } from './roofline.js';
import { samplesFigure } from './samples.js';
import { sensorFigures } from './sensors.js';

/** More rows than this are not each drawn: the embedded JSON has them all. */
const MOST_ROWS_DRAWN = 12;

/** The page of a bench: the answer, speeds, sweeps, then what they rest on. */
export function benchBody(result: BenchResult): Body {
  const { rows, warnings, sweeps = [] } = result;
  const colorOf = colorsOf(result);
  const plain = groupsOf(rows.filter(({ point }) => !point));
  const evidence = drawnRows(rows);
  return {
    ...headlineOf(result),
    content: html`${baselineSection(result)}${sweeps.map((sweep) => sweepSection(sweep, result))}${plain.map((group) => groupSection(group, result, colorOf))}${figuresSection(
      'How the speed compares with the hardware',
      [rooflineFigure(result, colorOf)],
    )}${figuresSection(
      'Samples',
      evidence.rows.map((row) => samplesFigure(row, colorOf(row.device))),
      `Every sample in the order in which it was taken, the median with its 95 % interval, and the distribution of each run. Triangles are samples that were throttled or disturbed. ${evidence.note}`,
      true,
    )}${figuresSection(
      'Sensors',
      evidence.rows.flatMap((row) => sensorFigures(row, colorOf(row.device))),
      'What the sensors of the device said between the blocks of samples.',
      true,
    )}${placementSection(evidence.rows, colorOf)}${documentSection(warningBlocks(warnings, rows))}${documentSection(
      [
        { kind: 'heading', level: 1, text: 'Machine and conditions' },
        machineFacts(result, result.devices),
      ],
    )}`,
  };
}

/** What was required, and the verdicts against --baseline; nothing where neither was asked for. */
function baselineSection(result: BenchResult): Html {
  const { comparison } = result;
  const required = gateAnswer(result);
  if (required.length === 0) return html``;
  return html`<section>${printHtml(required)}${comparison && ratioBars(comparison.rows)}${printHtml(gateDetails(result, true))}</section>`;
}

/** A device has one colour on the whole page. */
function colorsOf({ devices, rows }: BenchResult): (device: string) => number {
  const ids = [...new Set([...rows.map(({ device }) => device), ...devices.map(({ id }) => id)])];
  return (device) => Math.max(0, ids.indexOf(device));
}

/** The first sentence of the answer that is one, in large letters; what failed, and the rest, below it. */
function headlineOf(result: BenchResult): Pick<Body, 'title' | 'lead'> {
  const { rows, error } = result;
  const text = error?.message ?? (answerOf(result) || 'Nothing was measured.');
  const sentences = sentencesOf(text);
  const ids = rows.filter(({ state }) => state !== 'measured').map(({ device }) => device);
  const isFailure = (sentence: string) => ids.some((id) => sentence.includes(id));
  const title = sentences.find((sentence) => !isFailure(sentence)) ?? sentences[0];
  const rest = sentences.filter((sentence) => sentence !== title);
  return { title, lead: [...rest, error?.advice].filter(Boolean).join(' ') };
}

function sweepSection(sweep: SweepRecord, result: BenchResult): Html {
  const { over, baseline } = sweep;
  const rows = result.rows.filter((row) => row.workload === sweep.workload && row.point);
  const curves = over === undefined ? [] : curvesOf(rows, over);
  const plots =
    over === undefined
      ? []
      : [...(baseline ? [speedupPlot(sweep, curves, over)] : []), timePlot(sweep, curves, over)];
  const blocks = sweepBlocks(sweep, result, true).filter(({ kind }) => kind !== 'plot');
  const [heading, ...rest] = blocks;
  return html`<section>${heading && printHtml([heading])}<div class="figures">${plots.map(plotFigure)}</div>${printHtml(rest)}</section>`;
}

function groupSection(
  rows: readonly Row[],
  result: BenchResult,
  colorOf: (device: string) => number,
): Html {
  const blocks = workloadBlocks(rows, result.devices, result.reproduce, true);
  const [heading, ...rest] = blocks;
  // Placement has a section of its own, with a picture.
  const end = rest.findIndex(({ kind }) => kind === 'heading');
  const shown = end === -1 ? rest : rest.slice(0, end);
  return html`<section>${heading && printHtml([heading])}${speedBars(rows, colorOf)}${printHtml(shown)}</section>`;
}

function figuresSection(title: string, figures: readonly Html[], text = '', small = false): Html {
  const drawn = figures.filter((figure) => figure.text !== '');
  if (drawn.length === 0) return html``;
  return html`<section><h2>${title}</h2>${text && html`<p>${text}</p>`}<div class="figures${small && ' small'}">${drawn}</div></section>`;
}

function placementSection(rows: readonly Row[], colorOf: (device: string) => number): Html {
  // The points of a sweep mostly have one placement per device: it is shown once.
  const strips = rows.map((row) => placementStrip(row, colorOf)).filter(({ text }) => text !== '');
  const unique = [...new Map(strips.map((strip) => [strip.text, strip])).values()];
  if (strips.length === 0) return html``;
  return html`<section><h2>Placement</h2><p>Which device ran each op.</p>${unique}</section>`;
}

function documentSection(document: Document): Html {
  return document.length === 0 ? html`` : html`<section>${printHtml(document)}</section>`;
}

/** All rows of a comparison; of a sweep, those of the largest sizes. */
function drawnRows(rows: readonly Row[]): { rows: Row[]; note: string } {
  if (rows.length <= MOST_ROWS_DRAWN) return { rows: [...rows], note: '' };
  const drawn = rows.filter(({ measurement }) => measurement).slice(-MOST_ROWS_DRAWN);
  const note = `Drawn are the last ${drawn.length} of ${rows.length} measurements; the JSON in this page has all.`;
  return { rows: drawn, note };
}

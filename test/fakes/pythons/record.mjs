#!/usr/bin/env node
/**
 * Records what a framework here answers to `mpsbench verify --probe`, as recorded/*.json hold it. Usage:
 * node test/fakes/pythons/record.mjs tensorflow|pytorch|jax|mlx|onnxruntime PYTHON > FILE
 */
import process from 'node:process';
import { FRAMEWORKS } from '../../../dist/frameworks/catalog.js';
import { systemSource } from '../../../dist/host/source.js';
import { ask } from '../../../dist/verify/probe/ask.js';

const [framework, python] = process.argv.slice(2);
if (!(framework in FRAMEWORKS) || python === undefined) {
  process.stderr.write(`usage: record.mjs ${Object.keys(FRAMEWORKS).join('|')} PYTHON\n`);
  process.exit(64);
}
const context = { source: systemSource, signal: new AbortController().signal, timeoutMs: 120_000 };
const { answer, end, stderr } = await ask(python, framework, context);
if (answer.state === 'result') {
  process.stdout.write(`${JSON.stringify(answer.result, undefined, 2)}\n`);
} else {
  process.stderr.write(`${stderr}\nNo result: ${JSON.stringify({ answer, end })}\n`);
  process.exitCode = 1;
}

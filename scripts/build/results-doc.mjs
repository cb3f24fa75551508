#!/usr/bin/env node
/**
 * Writes docs/results.md from the result schema. Run it after a build whenever src/result/schema.ts
 * has changed: `node scripts/build/results-doc.mjs`. A test fails while the page is out of date.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const INTRODUCTION = `# Results

Every command writes one result, in JSON with \`--json [FILE]\`. All other formats are derived from it, so
that a saved result can be rendered again: \`mpsbench report FILE --markdown\`. Where there is no device to
measure, \`bench\` writes a result without rows, with the error. Wrong usage writes none.

The schema has a version, in the field \`schema\`. Within a version fields are added, never changed or
removed: a reader ignores what it does not know. Times are nanoseconds, sizes are bytes, rates are per
second with 10^9 as giga. JSON has no NaN and no infinity: where a number may be missing, its type says
\`or null\`. A question mark marks a field that may be left out.

This page is generated from src/result/schema.ts by scripts/build/results-doc.mjs.
`;

/**
 * The page as text.
 * @param {{ version: number, results: Record<string, object> }} schemas by command, as JSON schema
 */
export function resultsDocument({ version, results }) {
  const seen = new Map();
  const sections = Object.entries(results).flatMap(([command, schema]) => {
    const [first, ...others] = sectionsOf(schema, '', seen);
    return [`## The result of \`${command}\`, schema ${version}\n\n${first.table}`].concat(
      others.map(({ path, table }) => `### \`${path}\`\n\n${table}`),
    );
  });
  return `${[INTRODUCTION.trimEnd(), ...sections].join('\n\n')}\n`;
}

/** The fields of an object, then those of the objects inside it; an object is described once. */
function sectionsOf(schema, path, seen) {
  const inner = [];
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const { type, object } = describeType(field, at, seen);
    if (object !== undefined) inner.push(object);
    const optional = required.has(name) ? '' : '?';
    return `| \`${name}${optional}\` | ${cell(type)} | ${cell(field.description ?? '')} |`;
  });
  const table = ['| field | type | meaning |', '| :-- | :-- | :-- |', ...rows].join('\n');
  return [{ path, table }, ...inner.flatMap((o) => sectionsOf(o.schema, o.path, seen))];
}

function describeType(field, path, seen) {
  if (field.const !== undefined) return { type: JSON.stringify(field.const) };
  if (field.enum) return { type: field.enum.map((value) => `\`${value}\``).join(', ') };
  if (field.anyOf) {
    const types = field.anyOf.map((one) => describeType(one, path, seen).type);
    return { type: [...new Set(types)].join(' or ') };
  }
  if (field.prefixItems) return { type: `${field.prefixItems.length} numbers` };
  if (field.type === 'array') {
    const { type, object } = describeType(field.items, `${path}[]`, seen);
    return { type: `array of ${type}`, object };
  }
  if (field.properties) {
    const { description: _, ...shape } = field;
    const key = JSON.stringify(shape);
    const known = seen.get(key);
    if (known !== undefined) return { type: `object as \`${known}\`` };
    seen.set(key, path);
    return { type: `object \`${path}\``, object: { schema: field, path } };
  }
  if (field.type === 'object') {
    const { type } = describeType(field.additionalProperties, path, seen);
    return { type: `object of ${type} by name` };
  }
  return { type: [field.type].flat().join(' or ') };
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

/** The JSON schemas of the results, from the module that defines them. */
export async function schemasFrom(schemaModule) {
  const { z } = await import('zod');
  const devices = z.toJSONSchema(schemaModule.devicesResultSchema);
  const bench = z.toJSONSchema(schemaModule.benchResultSchema);
  const verify = z.toJSONSchema(schemaModule.verifyResultSchema);
  const compare = z.toJSONSchema(schemaModule.compareResultSchema);
  const fleet = z.toJSONSchema(schemaModule.fleetResultSchema);
  const watch = z.toJSONSchema(schemaModule.watchResultSchema);
  const version = devices.properties.schema.const;
  return { version, results: { devices, bench, verify, compare, fleet, watch } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const schemas = await schemasFrom(await import('../../dist/result/schema.js'));
  writeFileSync(new URL('../../docs/results.md', import.meta.url), resultsDocument(schemas));
}

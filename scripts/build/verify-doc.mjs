#!/usr/bin/env node
/**
 * Writes docs/verify.md from the checks and the compatibility table. Run it after a build whenever
 * one of them has changed: `node scripts/build/verify-doc.mjs`. A test fails while the page is
 * out of date.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const INTRODUCTION = `# What \`mpsbench verify\` checks

\`mpsbench verify\` says whether this machine is set up so that machine-learning work reaches the GPU, and
if not, why, and what to type. Each check gives one finding or several: ✓ all is well, ! a warning, ✗ a
failure, ? it could not be checked.

- \`mpsbench verify CHECK…\` runs some checks or groups only, \`--skip CHECK…\` leaves some out. A check goes
  by its id, or by what follows the group's name in it: \`verify power\` is \`verify system.power\`.
- \`--python PATH…\` names environments or interpreters that are not found by themselves.
- Nothing that is found is started, unless \`--probe\` asks for it: then each Python runs in a child process
  with a time limit, and the frameworks themselves are asked.
- \`--json\`, \`--csv\` and \`--markdown\` write the findings for programs (see results.md). The checks come before
  them, and before \`--python\`: these options take the word that follows as their path.
- \`--list\` names the checks and runs none; \`--list --json\` gives \`{"schema": 1, "checks": […]}\`, each entry
  with \`check\` (its id), \`group\`, \`title\` and \`startsInterpreters\`.
- A check or group that is named, but cannot be made on this machine or without \`--probe\`, says so.

Exit codes: 0 all well; 1 a check failed (with \`--strict\` also where one warned); 2 nothing failed, but
something could not be checked, for example because there is no hardware GPU; 64 wrong usage; 130
interrupted, with what was found until then.

What is not sure, because its sources contradict each other or only one reports it, warns and never fails.

This page is generated from src/verify by scripts/build/verify-doc.mjs.
`;

const GROUP_TITLES = {
  system: 'System',
  devices: 'Devices',
  compute: 'Compute',
  frameworks: 'Frameworks',
  probe: 'Probe (with `--probe`)',
};

/**
 * The page as text.
 * @param {{ checks: readonly object[], rules: Record<string, readonly object[]>,
 *   sources: Record<string, string> }} contents
 */
export function verifyDocument({ checks, rules, sources }) {
  const groups = Object.entries(GROUP_TITLES).map(([group, title]) => {
    const rows = checks
      .filter((check) => check.group === group)
      .map(({ id, title, sources }) => [code(id), text(title), text(sources.join('; '))]);
    return rows.length === 0
      ? ''
      : `## ${title}\n\n${table(['check', 'what it verifies', 'sources'], rows)}`;
  });
  return `${[INTRODUCTION.trimEnd(), ...groups, ...compatibility(rules, sources)]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

const COMPATIBILITY = `## The compatibility table

What the checks of frameworks go by. All parts of a condition have to hold; of the rules of one topic the
first that holds is the answer. \`fails\` and \`wrong-results\` are failures where the confidence is high and no
source contradicts, else warnings.`;

function compatibility(tables, sources) {
  const used = Object.values(tables).flatMap((rules) => rules.flatMap((rule) => rule.sources));
  return [
    COMPATIBILITY,
    ...Object.entries(tables).map(
      ([name, rules]) => `### Rules of ${code(name)}\n\n${ruleTable(rules)}`,
    ),
    '### Sources of the rules',
    table(
      ['source', 'what it is'],
      [...new Set(used)].sort().map((key) => [code(key), text(sources[key] ?? key)]),
    ),
  ];
}

function ruleTable(rules) {
  const rows = rules.map((rule) => [
    code(rule.id),
    Object.entries(rule.when).map(conditionText).join(', '),
    rule.effect,
    text(rule.conflict ? `${rule.text} (Against it: ${rule.conflict})` : rule.text),
    (rule.fixes ?? []).map(fixText).join(' ') || 'none is needed',
    rule.confidence,
    rule.sources.map(code).join(', '),
  ]);
  return table(['rule', 'condition', 'effect', 'finding', 'fix', 'confidence', 'sources'], rows);
}

function conditionText([name, wanted]) {
  return code(/^[<>=!~]/.test(wanted) ? `${name} ${wanted}` : `${name}: ${wanted}`);
}

function fixText({ text: words, pip, uninstall, command }) {
  const commands = [
    ...(uninstall ? [`pip uninstall ${uninstall.join(' ')}`] : []),
    ...(pip ? [`pip install ${pip.join(' ')}`] : []),
    ...(command ? [command] : []),
  ];
  return [text(words), ...commands.map(code)].join(' ');
}

function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => ':--')), ...rows.map(line)].join('\n');
}

const text = (words) => words.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
const code = (words) => `\`${words.replaceAll('|', '\\|')}\``;

/** What the page is made of, from the modules of src/verify or dist/verify. */
export function contentsOf({ registry, facts, sources }) {
  return { checks: registry.CHECKS, rules: facts.TABLE, sources: sources.SOURCES };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [registry, facts, sources] = await Promise.all([
    import('../../dist/verify/registry.js'),
    import('../../dist/verify/facts/index.js'),
    import('../../dist/verify/facts/sources.js'),
  ]);
  const page = verifyDocument(contentsOf({ registry, facts, sources }));
  writeFileSync(new URL('../../docs/verify.md', import.meta.url), page);
}

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
if not, why, and what to type.

- The output begins with a verdict per framework: whether it reaches the GPU, and if not, why, with the
  fix. Below it, each group of checks takes one line, with what is wrong in full; \`--verbose\` shows every
  check.
- \`mpsbench verify CHECK…\` runs some checks or groups only, \`--skip CHECK…\` leaves some out. A check goes
  by its id, or by what follows the group's name in it: \`verify power\` is \`verify system.power\`.
- \`--python PATH…\` names environments or interpreters that are not found by themselves.
- Nothing that is found is started unless \`--probe\` asks for it: then each Python runs in a child process
  with a time limit, and the frameworks themselves are asked.
- \`--explain ID\` prints a rule or a check with its condition, fixes and sources.
- \`--json\`, \`--csv\` and \`--markdown\` write the findings for programs (see results.md). The checks come before
  them, and before \`--python\`: these options take the word that follows as their path.
- \`--list\` names the checks and runs none; \`--list --json\` gives \`{"schema": 2, "checks": […]}\`, each entry
  with \`check\` (its id), \`group\`, \`title\` and \`startsInterpreters\`.
- A check or group that is named, but cannot be made on this machine or without \`--probe\`, says so.

## States

| state | JSON | meaning |
| :-- | :-- | :-- |
| ✓ passed | \`pass\` | everything that the verdict needs was seen; the message says what |
| ! warning | \`warning\` | it runs, but not on the GPU, or not as the projects declare, or a failure with too little evidence |
| ✗ failed | \`fail\` | it cannot work, by the project's own word or by two independent reports with links that open |
| ? not checked | \`unchecked\` | the files do not tell; the finding has the command that would |
| - not applicable | \`not-applicable\` | nothing here that the check is about: not a Mac, not installed, no battery |

Exit codes: 0 all well; 1 a check failed (with \`--strict\` also where one warned); 2 nothing failed, but
something was not checked, for example because there is no hardware GPU; 64 usage error; 130
interrupted, with what was found until then.

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
 * @param {ReturnType<typeof contentsOf>} contents
 */
export function verifyDocument(contents) {
  const { checks } = contents;
  const groups = Object.entries(GROUP_TITLES).map(([group, title]) => {
    const rows = checks
      .filter((check) => check.group === group)
      .map(({ id, title, sources }) => [code(id), text(title), text(sources.join('; '))]);
    return rows.length === 0
      ? ''
      : `## ${title}\n\n${table(['check', 'what it verifies', 'sources'], rows)}`;
  });
  return `${[INTRODUCTION.trimEnd(), ...groups, ...failures(contents), ...compatibility(contents)]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

const FAILURES = `## Failures

What findings of \`--probe\`, and rows of framework devices in \`bench\`, name when an interpreter or a framework fails. An
error is looked up in the rules of \`import\` from top to bottom; the first that matches is the answer, and \`--explain\`
prints what it matches.`;

function failures({ failureRules }) {
  const rows = failureRules.map(({ id, text: says, fixes, sources }) => [
    code(id),
    text(says),
    text(sources.join('; ')),
    fixes.map(fixText).join(' '),
  ]);
  return [FAILURES, table(['rule', 'finding', 'sources', 'fix'], rows)];
}

const COMPATIBILITY = `## The compatibility table

What the checks of frameworks go by. All parts of a condition have to hold; of the rules of one topic the
first that holds is the answer. A rule whose effect is \`works\` passes only where the evidence that it needs
was seen, else it is not checked. \`fails\` and \`wrong-results\` are failures where the confidence is high, else
warnings that say so: high is the project's own word or two reports that can be opened, medium one report or
an inference, low none that can be opened.`;

const hex = (id) => `0x${id.toString(16).padStart(4, '0')}`;

function compatibility({
  rules: tables,
  sources,
  evidence,
  builds,
  chips,
  sourceText,
  confidenceOf,
}) {
  const used = [
    ...Object.values(tables).flatMap((rules) => rules.flatMap((rule) => rule.sources)),
    ...builds.flatMap((build) => build.sources),
  ];
  return [
    COMPATIBILITY,
    '### Evidence',
    table(
      ['evidence', 'how a pass words it'],
      Object.entries(evidence).map(([name, { seen }]) => [code(name), text(seen)]),
    ),
    '### NVIDIA GPUs by generation',
    'By the name that the driver prints, else by the PCI device id; one that is in neither list is not checked.',
    table(
      ['device ids', 'compute capability', 'generation'],
      chips.map(([first, last, capability, generation]) => [
        first === last ? hex(first) : `${hex(first)} to ${hex(last)}`,
        capability,
        generation,
      ]),
    ),
    '### GPU generations against builds',
    'Code for x.y runs on x.z with z at least y; PTX is compiled for anything from its capability up.',
    table(
      ['framework', 'releases', 'CUDA', 'build', 'code for', 'PTX', 'sources'],
      builds.map((build) => [
        build.framework,
        code(build.version),
        code(build.cuda),
        [build.channel, build.arch].filter(Boolean).join(' ') || 'any',
        build.native.join(', ') || 'compiled on the machine',
        build.ptx ?? 'none',
        build.sources.map(code).join(', '),
      ]),
    ),
    ...Object.entries(tables).map(
      ([name, rules]) => `### Rules of ${code(name)}\n\n${ruleTable(rules, confidenceOf)}`,
    ),
    '### Sources of the rules',
    table(
      ['source', 'whose word', 'what it is'],
      [...new Set(used)].sort().map((key) => [code(key), sources[key].by, text(sourceText(key))]),
    ),
  ];
}

function ruleTable(rules, confidenceOf) {
  const rows = rules.map((rule) => [
    code(rule.id),
    Object.entries(rule.when).map(conditionText).join(', ') || 'always',
    rule.effect,
    text(rule.conflict ? `${rule.text} (Against it: ${rule.conflict})` : rule.text),
    rule.needs
      ? `needs ${rule.needs.map(code).join(', ')}`
      : (rule.fixes ?? []).map(fixText).join(' ') || 'none is needed',
    confidenceOf(rule),
    rule.sources.map(code).join(', '),
  ]);
  return table(
    ['rule', 'condition', 'effect', 'finding', 'fix or evidence', 'confidence', 'sources'],
    rows,
  );
}

function conditionText([name, wanted]) {
  return code(/^[<>=!~]/.test(wanted) ? `${name} ${wanted}` : `${name}: ${wanted}`);
}

function fixText({ text: words, pip, uninstall, conda, index, command }) {
  const from = index ? ` (index: ${index})` : '';
  const commands = [
    ...(pip ? [`pip install ${pip.join(' ')}${from}`] : []),
    ...(uninstall ? [`pip uninstall ${uninstall.join(' ')}`] : []),
    ...(conda ? [`conda install ${conda.join(' ')}`] : []),
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

/** What the page is made of, from the modules of src or dist. */
export function contentsOf({ registry, failures, facts, sources, evidence, builds, generations }) {
  return {
    checks: registry.CHECKS,
    failureRules: failures.FAILURE_RULES,
    rules: facts.TABLE,
    confidenceOf: facts.confidenceOf,
    sources: sources.SOURCES,
    sourceText: sources.sourceText,
    evidence: evidence.EVIDENCE,
    builds: builds.GPU_BUILDS,
    chips: generations.GPU_CHIPS,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [registry, failures, facts, sources, evidence, builds, generations] = await Promise.all([
    import('../../dist/verify/registry.js'),
    import('../../dist/frameworks/faults/failure-rules.js'),
    import('../../dist/verify/facts/index.js'),
    import('../../dist/verify/facts/sources.js'),
    import('../../dist/verify/frameworks/evidence.js'),
    import('../../dist/verify/facts/gpu-builds.js'),
    import('../../dist/verify/facts/gpu-generations.js'),
  ]);
  const page = verifyDocument(
    contentsOf({ registry, failures, facts, sources, evidence, builds, generations }),
  );
  writeFileSync(new URL('../../docs/verify.md', import.meta.url), page);
}

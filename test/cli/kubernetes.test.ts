import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { fleetResultSchema } from '../../src/result/schema.js';
import { mpsbench } from './run.js';

const PAGE = readFileSync(
  fileURLToPath(new URL('../../docs/kubernetes.md', import.meta.url)),
  'utf8',
);
const fence = (name: string) => {
  const [, text] = PAGE.match(new RegExp(`\`\`\`\\w+ ${name}\n([\\s\\S]+?)\`\`\``)) ?? [];
  if (text === undefined) throw new Error(`docs/kubernetes.md has no ${name}`);
  return text;
};
const MANIFEST = fence('kubernetes');
const SCRIPT = fence('kubernetes-run');

const folder = mkdtempSync(join(tmpdir(), 'mpsbench-kubernetes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { python, reason } = testPython('kubernetes-validate');

const runPython = (...words: string[]) => spawnSync(python ?? '', words, { encoding: 'utf8' });

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe.skipIf(!python)(`the manifest (${reason || 'kubernetes-validate'})`, () => {
  function complaints(text: string): string {
    const file = write('job.yaml', text);
    const { status, stdout, stderr } = runPython('-m', 'kubernetes_validate', '--strict', file);
    return status === 0 ? '' : `${stdout}${stderr}` || `exit status ${status}`;
  }

  test('follows the schema of Kubernetes, with a node in it', () => {
    expect(MANIFEST.match(/NODE$/gm)).toHaveLength(2);
    expect(complaints(MANIFEST.replaceAll('NODE', 'node-1.example'))).toBe('');
  });

  test.each([
    ['a misspelled field', 'backoffLimit', 'backOffLimit', /backOffLimit/],
    ['a wrong type', 'backoffLimit: 0', 'backoffLimit: none', /'none' is not of type/],
    ['a missing field', 'containers:', 'container:', /container/],
  ])('%s is found', (_, right, wrong, complaint) => {
    const text = MANIFEST.replaceAll('NODE', 'node-1').replace(right, wrong);
    expect(complaints(text)).toMatch(complaint);
  });

  test("its command on scripted nodes, and the script's last pipe: results are named after nodes", async () => {
    const code = 'import json,sys,yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))';
    const { stdout } = runPython('-c', code, write('job.yaml', MANIFEST));
    const [container] = JSON.parse(stdout).spec.template.spec.containers;
    expect(container.command).toEqual(['mpsbench']);
    expect(container.env[0]).toMatchObject({
      name: 'MPSBENCH_HOST_NAME',
      valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } },
    });
    const logs: string[] = [];
    for (const node of ['node-a', 'node-b']) {
      const env = { MPSBENCH_HOST_NAME: node, MPSBENCH_HIDE: 'webgpu' };
      // One workload is enough here.
      const args = container.args.map((word: string) => (word === 'all' ? 'linear' : word));
      const outcome = await mpsbench(args, { env, fake: 'none' });
      // A log has both streams.
      logs.push(...outcome.progress, outcome.stdout);
    }
    const [, words = ''] = /kubectl logs .* \| mpsbench (.*)/.exec(SCRIPT) ?? [];
    write('nodes.txt', 'node-a\nnode-b\nnode-c\n');
    const fleet = await mpsbench([...words.split(' '), '--json', '-'], {
      stdin: logs.join('\n'),
      cwd: folder,
    });
    const { hosts } = fleetResultSchema.parse(JSON.parse(fleet.stdout));
    expect(hosts.map(({ name, state }) => [name, state])).toEqual([
      ['node-a', 'ok'],
      ['node-b', 'ok'],
      ['node-c', 'missing'],
    ]);
  });
});

test('the script is valid for a POSIX shell', () => {
  expect(spawnSync('sh', ['-n'], { input: SCRIPT, encoding: 'utf8' }).stderr).toBe('');
});

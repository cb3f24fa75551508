import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { MpsbenchError } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import type { FleetInput } from '../../fleet/read.js';
import type { OutputFlags } from '../../result/outputs.js';
import type { FleetRecord } from '../../result/schema.js';
import { type CiFlags, ciOptions } from '../ci/ci-options.js';
import { exitStyleOption } from '../compare/compare-options.js';
import type { Context } from '../context.js';
import { present, presentStatus } from '../present.js';
import { detailsOption, formatOptions } from '../shared-options.js';

export type FleetFlags = OutputFlags &
  CiFlags & { details?: true; exitStyle?: string; expect?: string };

/** The flags that `fleet` and `fleet run` share. */
export function fleetOptions(): Option[] {
  return [
    new Option(
      '--expect <hosts>',
      'hosts that should be there: a file, or a list: node1,node[03-05]',
    ),
    detailsOption(),
    ...formatOptions(),
    ...ciOptions(),
    exitStyleOption(),
  ];
}

/** Begins the command's clock; `present` analyses what was read, and writes it. */
export function startFleet(flags: FleetFlags, context: Context) {
  const expected = flags.expect === undefined ? undefined : readExpected(flags.expect);
  const head = import('../../result/head.js').then(({ resultHead }) => resultHead(context.argv));
  return {
    async present(input: FleetInput, unreached: FleetRecord['hosts'] = []): Promise<void> {
      const { analyseFleet } = await import('../../fleet/analyse.js');
      const { parseNodeList } = await import('../../fleet/node-list.js');
      const analysis = analyseFleet(
        input,
        expected === undefined ? undefined : parseNodeList(expected),
        unreached,
      );
      const result: FleetRecord = {
        ...(await head)(),
        command: 'fleet',
        ...analysis,
        exitCode: exitCodeOf(analysis.hosts, input.unreadable.length > 0),
      };
      context.exitCode = result.exitCode as ExitCode;
      await presentStatus(result, flags, context);
      await present(result, flags, { details: flags.details, saved: true });
    },
  };
}

/** The text of a file of names, or the list itself. */
function readExpected(expect: string): string {
  try {
    return readFileSync(expect, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG') return expect;
    throw new MpsbenchError('io', `${expect} could not be read (${code ?? message}).`, '', {
      cause,
    });
  }
}

function exitCodeOf(hosts: FleetRecord['hosts'], isIncomplete: boolean): ExitCode {
  const states = new Set(hosts.map(({ state }) => state));
  if (states.has('wrong') || states.has('outlier')) return EXIT.finding;
  const sound = hosts.length > 0 && !states.has('missing') && !states.has('unchecked');
  return sound && !isIncomplete ? EXIT.ok : EXIT.unchecked;
}

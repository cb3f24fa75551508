/** The worker process: holds one device and answers the parent's requests, one at a time. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MpsbenchError } from '../errors.js';
import { onGroupStarted } from '../frameworks/process-group.js';
import type { MethodName, Methods, ReplyMessage, RequestMessage } from './protocol.js';
import { Session } from './worker-methods.js';

// Drivers read files of the folder they run in: SwiftShader reads ./SwiftShader.ini. No user files are here.
process.chdir(dirname(fileURLToPath(import.meta.url)));

const session = new Session();

// Ctrl-C and a closed terminal reach the whole process group; the parent decides when the worker ends.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
onGroupStarted((group) => reply({ state: 'started', group }));
process.on('disconnect', () => process.exit());
process.on('message', async (message: RequestMessage) => {
  const { id, method, request } = message;
  try {
    const answer = await answerTo(method, request, (phase) =>
      reply({ id, state: 'progress', phase }),
    );
    reply({ id, state: 'done', answer });
  } catch (error) {
    reply({ id, state: 'failed', error: describeFailure(error).toJSON() });
  }
});

function answerTo(
  method: MethodName,
  request: unknown,
  onPhase: (phase: string) => void,
): Promise<unknown> {
  switch (method) {
    case 'probe':
      return session.probe(request as Methods['probe']['request']);
    case 'prepare':
      return session.prepare(request as Methods['prepare']['request'], onPhase);
    case 'run':
      return session.run(request as Methods['run']['request']);
    case 'telemetry':
      return session.telemetry(request as Methods['telemetry']['request']);
    case 'programs':
      return session.programs(request as Methods['programs']['request']);
    case 'profile':
      return session.profile(request as Methods['profile']['request']);
    default:
      throw method satisfies never;
  }
}

function reply(message: ReplyMessage): void {
  process.send?.(message);
}

/** JavaScript reports memory it cannot get as a RangeError. */
function describeFailure(error: unknown): MpsbenchError {
  if (error instanceof RangeError && /alloc|array (buffer )?length/i.test(error.message)) {
    return new MpsbenchError(
      'out_of_memory',
      `The host has no memory for the tensors of this size (${error.message}).`,
      'Use a smaller size.',
      { cause: error },
    );
  }
  if (process.env.MPSBENCH_DEBUG && error instanceof Error) console.error(error.stack);
  return MpsbenchError.from(error);
}

import type { Asked } from '../../frameworks/faults/asked.js';
import { perContext } from '../memo.js';
import type { VerifyContext } from '../types.js';
import { ask } from './ask.js';

const answers = perContext(async () => new Map<string, Promise<Asked>>());

/** What an interpreter says of itself; each is asked once a verification. */
export async function askInterpreter(interpreter: string, context: VerifyContext): Promise<Asked> {
  const known = await answers(context);
  const asked = known.get(interpreter) ?? start(interpreter, context);
  known.set(interpreter, asked);
  return asked;
}

/** Without the Command Line Tools, macOS answers for this path with a dialog that offers them. */
const APPLE_PLACEHOLDER = '/usr/bin/python3';

async function start(interpreter: string, context: VerifyContext): Promise<Asked> {
  const { platform, source } = context;
  if (platform === 'darwin' && interpreter === APPLE_PLACEHOLDER) {
    const tools = await source.exec('/usr/bin/xcode-select', ['-p']);
    if (!tools?.startsWith('/')) {
      const end = { state: 'not_started', reason: 'placeholder' } as const;
      return { end, stdout: '', stderr: '', answer: { state: 'none' } };
    }
  }
  return ask(interpreter, 'python', context);
}

/** Whether it is a working Python; else its frameworks need not be asked. */
export async function interpreterAnswers(
  interpreter: string,
  context: VerifyContext,
): Promise<boolean> {
  const { answer } = await askInterpreter(interpreter, context);
  return answer.state === 'result';
}

import { perContext } from '../memo.js';
import type { VerifyContext } from '../types.js';
import { type Asked, ask } from './ask.js';

const answers = perContext(async () => new Map<string, Promise<Asked>>());

/** What an interpreter says of itself; each is asked once a verification. */
export async function askInterpreter(interpreter: string, context: VerifyContext): Promise<Asked> {
  const known = await answers(context);
  const asked = known.get(interpreter) ?? ask(interpreter, 'python', context);
  known.set(interpreter, asked);
  return asked;
}

/** Whether it is a working Python; else its frameworks need not be asked. */
export async function interpreterAnswers(
  interpreter: string,
  context: VerifyContext,
): Promise<boolean> {
  const { answer } = await askInterpreter(interpreter, context);
  return answer.state === 'result';
}

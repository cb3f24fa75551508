import { MpsbenchError } from '../../errors.js';
import { FRAMEWORKS } from '../../frameworks/catalog.js';
import type { DriverProcess } from '../../frameworks/driver-process.js';
import type { Interpreter } from '../../frameworks/interpreters.js';
import { type Numbers, type ProgramReply, programReply } from '../../frameworks/replies.js';
import type { ExampleProgram } from '../../result/schema.js';

/** Steps of the linear example, as the drivers run it (src/frameworks/drivers/article.py). */
const EPOCHS = 100;

/** What x = 5 may give after 100 steps from any start that Keras or PyTorch draws. */
const PREDICTION = { least: 7, most: 13 };

const SUM_TOLERANCE = 1e-3;

/**
 * Runs the example of a workload in each form that the framework's users write.
 * @param workload `add`, `linear` or `cnn`
 */
export async function examplePrograms(
  { framework }: Interpreter,
  driver: DriverProcess,
  workload: string,
): Promise<ExampleProgram[]> {
  const programs: ExampleProgram[] = [];
  for (const form of FRAMEWORKS[framework].programForms) {
    try {
      const reply = await driver.call('program', { name: workload, form }, programReply);
      programs.push(programOf(workload, form, reply));
    } catch (error) {
      // A form that this workload has not.
      if (MpsbenchError.from(error).code !== 'unsupported') throw error;
    }
  }
  return programs;
}

/** Judges what a program computed by what the example is known to compute. Exported for its test. */
export function programOf(workload: string, form: string, reply: ProgramReply): ExampleProgram {
  const { outputs, wallNs, phases, notes } = reply;
  const { ok, output } = judged(workload, outputs);
  return {
    form,
    ok,
    wallNs,
    iterations: workload === 'linear' ? EPOCHS : 1,
    phases,
    output,
    notes,
  };
}

function judged(
  workload: string,
  outputs: ProgramReply['outputs'],
): Pick<ExampleProgram, 'ok' | 'output'> {
  const flat = (name: string) => numbersIn(outputs[name] ?? []);
  switch (workload) {
    case 'add': {
      const sum = flat('c');
      const ok = sum.join() === '6,8,10,12';
      return {
        ok,
        output: [{ label: 'sum', value: JSON.stringify(outputs.c).replaceAll(',', ', ') }],
      };
    }
    case 'linear': {
      const [prediction = Number.NaN] = flat('predictions');
      const [loss = Number.NaN] = flat('loss');
      return {
        ok: prediction > PREDICTION.least && prediction < PREDICTION.most && loss >= 0,
        output: [
          { label: 'prediction for x = 5', value: prediction.toPrecision(5) },
          { label: 'final loss', value: loss.toPrecision(3) },
        ],
      };
    }
    case 'cnn': {
      const shape = flat('shape');
      const sums = flat('rowSums');
      const addUp = sums.length > 0 && sums.every((sum) => Math.abs(sum - 1) < SUM_TOLERANCE);
      return {
        ok: shape.join() === '1,10' && addUp,
        output: [
          { label: 'output shape', value: `(${shape.join(', ')})` },
          { label: 'row sums', value: sums.map((sum) => sum.toPrecision(4)).join(', ') },
        ],
      };
    }
    default:
      throw new MpsbenchError('internal', `There is no example program of ${workload}.`);
  }
}

/** The numbers of nested lists in their order; NaN for one that is not finite. */
function numbersIn(value: Numbers): number[] {
  if (value === null) return [Number.NaN];
  return typeof value === 'number' ? [value] : value.flatMap(numbersIn);
}

import type { Conditions, Host, Warning } from '../result/schema.js';
import { wholeCpus } from './cgroup.js';

/** What others may keep busy before it shows in the numbers: this share of the CPUs, or half of one. */
const BUSY_SHARE = 0.25;
const FEWEST_BUSY_CPUS = 0.5;

/**
 * What can spoil the numbers, each with its likely cause and what to do. `before` is read before
 * anything is measured, `after` when everything is over.
 */
export function conditionWarnings(host: Host, before: Conditions, after: Conditions): Warning[] {
  return RULES.flatMap(({ name, check }) => {
    const found = check(host, before, after);
    return found ? [{ name, ...found }] : [];
  });
}

/** Facts about the machine that need no fix: shown as notes, in the record as warnings. */
export function isNote({ name }: Warning): boolean {
  return name === 'virtual-machine';
}

interface Rule {
  readonly name: string;
  readonly check: (
    host: Host,
    before: Conditions,
    after: Conditions,
  ) => Omit<Warning, 'name'> | undefined;
}

const RULES: readonly Rule[] = [
  {
    name: 'rosetta',
    check: ({ rosetta, cpu }) =>
      rosetta
        ? {
            message: `This Node is an Intel build running under Rosetta on ${cpu}: CPU times are those of translated code.`,
            advice: 'Install the arm64 build of Node (node -p process.arch prints arm64 then).',
          }
        : undefined,
  },
  {
    name: 'on-battery',
    check: (_, before, after) =>
      before.powerSource === 'battery' || after.powerSource === 'battery'
        ? {
            message: 'The machine ran on battery, and most machines lower their clocks then.',
            advice: 'Plug it in and run again.',
          }
        : undefined,
  },
  {
    name: 'low-power-mode',
    check: (_, before, after) => {
      const saving = [before, after].find(({ powerSaving }) => powerSaving === 'mode');
      return saving
        ? {
            message: `A power-saving mode is on (${saving.powerMode ?? 'unnamed'}): clocks are lowered.`,
            advice: 'Switch it off in the power settings and run again.',
          }
        : undefined;
    },
  },
  {
    name: 'powersave-governor',
    check: (_, before, after) => {
      const saving = [before, after].find(({ powerSaving }) => powerSaving === 'governor');
      return saving
        ? {
            message: `The CPU's frequency governor saves power (${saving.powerMode ?? 'unnamed'}).`,
            advice: 'Set another while measuring: sudo cpupower frequency-set -g performance',
          }
        : undefined;
    },
  },
  { name: 'thermal-throttling', check: throttling },
  {
    name: 'thermal-pressure',
    check: (_, before, after) =>
      [before, after].some(({ thermalPressure }) => thermalPressure === 'moderate')
        ? {
            message: 'macOS reports moderate thermal pressure: the machine is warm.',
            advice: `${COOL_DOWN} Clocks may be lower than on a cool machine.`,
          }
        : undefined,
  },
  {
    name: 'container-quota',
    check: ({ cpuQuota, logicalCpus, container }) =>
      cpuQuota !== undefined && cpuQuota < logicalCpus
        ? {
            message: `${container ?? 'The control group'} limits this process to ${round(cpuQuota)} of ${logicalCpus} CPUs: more threads than that get paused.`,
            advice: `Leave --threads at its default (${wholeCpus(cpuQuota)} here), or raise the limit (docker run --cpus).`,
          }
        : undefined,
  },
  {
    name: 'virtual-machine',
    check: ({ virtualMachine }) =>
      virtualMachine
        ? {
            message: `This is a virtual machine (${virtualMachine}): it shares the hardware with others.`,
            advice: 'Repeat a comparison at another time before you trust small differences.',
          }
        : undefined,
  },
];

const COOL_DOWN = 'Let it cool down, free its air vents, and run again.';

/** Of the pressures, those at which macOS was seen to slow the chip down. */
const SLOWING = ['heavy', 'trapping', 'sleeping'];

function throttling(_: Host, before: Conditions, after: Conditions): ReturnType<Rule['check']> {
  const advice = COOL_DOWN;
  const events = (after.throttleEvents ?? 0) - (before.throttleEvents ?? 0);
  if (before.throttleEvents !== undefined && events > 0) {
    return { message: `The CPU throttled ${events} times because it was hot.`, advice };
  }
  const limit = Math.min(before.speedLimit ?? 1, after.speedLimit ?? 1);
  if (limit < 1) {
    const percent = Math.round(limit * 100);
    return { message: `The system limited the CPU to ${percent} % because it was hot.`, advice };
  }
  const hot = [after, before].find(({ thermalPressure }) =>
    SLOWING.includes(thermalPressure ?? ''),
  );
  if (!hot) return undefined;
  const message = `macOS reports ${hot.thermalPressure} thermal pressure: it slows the chip down.`;
  return { message, advice };
}

/**
 * Other programs kept CPUs busy while samples were taken.
 * @param otherCpus by the kernel's counters, without mpsbench's own use
 */
export function loadWarning(
  { logicalCpus }: Pick<Host, 'logicalCpus'>,
  otherCpus: number,
): Warning | undefined {
  if (otherCpus < Math.max(FEWEST_BUSY_CPUS, BUSY_SHARE * logicalCpus)) return undefined;
  return {
    name: 'high-load',
    message: `High load from other programs: ${round(otherCpus)} on ${logicalCpus === 1 ? '1 CPU' : `${logicalCpus} CPUs`}.`,
    advice: 'Close them and run again.',
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

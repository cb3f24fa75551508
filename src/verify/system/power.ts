import { conditionWarnings } from '../../host/index.js';
import type { Fix } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { conditionsOf, hostOf } from './machine.js';

/** The command that fixes what a warning about the machine's state is about, by its name. */
const COMMANDS: Readonly<Record<string, Partial<Record<NodeJS.Platform, string>>>> = {
  'low-power-mode': {
    darwin: 'sudo pmset -a powermode 0 || sudo pmset -a lowpowermode 0',
    linux: 'powerprofilesctl set balanced',
  },
  'powersave-governor': { linux: 'sudo cpupower frequency-set -g performance' },
};

const POWER = ['on-battery', 'low-power-mode', 'powersave-governor'];
const THERMAL = ['thermal-throttling', 'thermal-pressure'];

const SOURCE_NAMES = { mains: 'AC', battery: 'battery' } as const;

/** What feeds the machine, and whether it holds its clocks down. */
export const power = stateCheck(
  'system.power',
  'AC power, and no power-saving mode',
  'pmset(1); https://www.kernel.org/doc/html/latest/admin-guide/pm/cpufreq.html',
  POWER,
  ({ powerSource, powerMode }) =>
    [powerSource === 'unknown' ? undefined : `on ${SOURCE_NAMES[powerSource]} power`, powerMode]
      .filter(Boolean)
      .join(', ') || undefined,
  'power source: not reported by this machine',
);

/** Whether heat slows the machine down now. */
export const thermal = stateCheck(
  'system.thermal',
  'no thermal throttling',
  'pmset -g therm; notifyutil -g com.apple.system.thermalpressurelevel (libkern/OSThermalNotification.h); https://www.kernel.org/doc/html/latest/driver-api/thermal/',
  THERMAL,
  ({ thermal: state }) => state && `thermal state: ${state}`,
  'thermal state: not reported by this machine',
);

function stateCheck(
  id: string,
  title: string,
  source: string,
  names: readonly string[],
  describe: (conditions: Awaited<ReturnType<typeof conditionsOf>>) => string | undefined,
  unknown: string,
): Check {
  const check: Check = {
    id,
    group: 'system',
    title,
    sources: [source],
    applies: () => true,
    async run(context) {
      const [host, now] = await Promise.all([hostOf(context), conditionsOf(context)]);
      const doubts = conditionWarnings(host, now, now).filter(({ name }) => names.includes(name));
      if (doubts.length === 0) {
        const seen = describe(now);
        return seen === undefined
          ? [finding(check, 'not-applicable', unknown)]
          : [finding(check, 'pass', seen)];
      }
      return doubts.map(({ name, message, advice }) => {
        const fixes: Fix[] = [fix(advice, COMMANDS[name]?.[context.platform])];
        return finding(check, 'warning', message, { fixes });
      });
    },
  };
  return check;
}

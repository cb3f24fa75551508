import { likeDevices, oddDevices, unequalPair } from '../../measure/like-devices.js';
import type { Finding } from '../../result/schema.js';
import { formatLonger, formatPercent } from '../../result/units.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import type { Trials } from './judge.js';
import { fastest } from './timing.js';

/** Like GPUs of one machine are equally fast; a machine without like GPUs has no finding. */
export function likeDevicesCheck(trials: Trials): Check {
  const check: Check = {
    id: 'compute.like-devices',
    group: 'compute',
    title: 'GPUs of one model are equally fast',
    sources: [
      'B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers", ASQC (1993): robust z scores',
    ],
    applies: () => true,
    run: async (context) => {
      const timed = (await trials(context)).flatMap(({ device, timing }) => {
        if (!timing.ok || timing.value.samples.length === 0) return [];
        const { wallNs, deviceNs } = fastest(timing.value.samples);
        return [{ device, ns: deviceNs ?? wallNs }];
      });
      return likeDevices(timed).flatMap((group) => judgeGroup(check, group));
    },
  };
  return check;
}

function judgeGroup(check: Check, group: Parameters<typeof oddDevices>[0]): Finding[] {
  const [{ device: first }] = group;
  const ids = group.map(({ device }) => device.id).join(',');
  const fixes = [
    fix(
      'Measure them against each other; look for other programs, power limits, heat and slots.',
      `mpsbench bench linear --device ${ids} --details`,
    ),
  ];
  const pair = unequalPair(group);
  if (pair) {
    const message = `${formatLonger(1 + pair.change, pair.fast.id)}, and both are ${first.name}`;
    return [finding(check, 'warning', message, { subject: pair.slow.id, fixes })];
  }
  const odd = oddDevices(group);
  if (odd.length > 0) {
    return odd.map(({ device, change, among }) => {
      const how = `${formatPercent(Math.abs(change))} ${change > 0 ? 'slower' : 'faster'}`;
      const message = `the odd one of ${among} ${device.name}: ${how} than their median`;
      return finding(check, 'warning', message, { subject: device.id, fixes });
    });
  }
  const times = group.map(({ ns }) => ns);
  const apart = Math.max(...times) / Math.min(...times) - 1;
  return [
    finding(
      check,
      'pass',
      `${group.length} ${first.name} are within ${formatPercent(apart)} of each other`,
      { subject: ids },
    ),
  ];
}

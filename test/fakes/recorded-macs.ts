/**
 * Macs whose commands printed this, as their owners published it. What a source does not show is left
 * out, as a command is that does not answer.
 */
import { PRESSURE, pressureOf, scriptedHost } from './hosts.js';

const QUIET =
  'Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\n';

/** https://github.com/Dr-Noob/cpufetch/issues/139 (2022; macOS 12 had no names of the levels yet). */
export const m1Pro = scriptedHost({
  platform: 'darwin',
  arch: 'arm64',
  os: { release: '21.3.0', machine: 'arm64', logicalCpus: 10 },
  sysctl: `
    hw.ncpu: 10
    hw.activecpu: 10
    hw.perflevel1.cpusperl2: 2
    hw.perflevel1.l2cachesize: 4194304
    hw.perflevel1.logicalcpu: 2
    hw.perflevel1.logicalcpu_max: 2
    hw.perflevel1.physicalcpu: 2
    hw.perflevel1.physicalcpu_max: 2
    hw.perflevel0.cpusperl2: 4
    hw.perflevel0.l2cachesize: 12582912
    hw.perflevel0.logicalcpu: 8
    hw.perflevel0.logicalcpu_max: 8
    hw.perflevel0.physicalcpu: 8
    hw.perflevel0.physicalcpu_max: 8
    machdep.cpu.brand_string: Apple M1 Pro`,
});

/**
 * `pmset -g` of an M1 Pro: https://github.com/AppHouseKitchen/AlDente-Battery_Care_and_Monitoring/issues/603
 */
export const M1_POWER_SETTINGS = `System-wide power settings:
 SleepDisabled\t\t1
Currently in use:
 standby              1
 Sleep On Power Button 1
 hibernatefile        /var/vm/sleepimage
 powernap             1
 networkoversleep     0
 disksleep            10
 sleep                1 (sleep prevented by bluetoothd, powerd, sharingd)
 hibernatemode        3
 ttyskeepawake        1
 displaysleep         10
 tcpkeepalive         1
 lowpowermode         0
 womp                 1
`;

/**
 * A MacBook Air with M2, macOS 26.1 (build 25B78), cool: "Building a macOS app to know when my Mac is
 * thermal throttling", stanislas.blog, December 2025. Its pmset noted no warning while it throttled,
 * at pressure 2.
 */
export const m2Air = (pressure: number) =>
  scriptedHost({
    platform: 'darwin',
    arch: 'arm64',
    os: { release: '25.1.0', machine: 'arm64', cpuModel: 'Apple M2', logicalCpus: 8 },
    commands: {
      '/usr/bin/pmset -g therm': `${QUIET}Note: No CPU power status has been recorded\n`,
      [PRESSURE]: pressureOf(pressure),
    },
  });

/** https://github.com/kennss/SiliconScope/issues/30 (macOS 26.5.2): six Super and twelve Performance. */
export const m5Max = scriptedHost({
  platform: 'darwin',
  arch: 'arm64',
  os: { release: '25.5.0', machine: 'arm64', logicalCpus: 18 },
  sysctl: `
    hw.nperflevels: 2
    hw.perflevel0.physicalcpu: 6
    hw.perflevel0.logicalcpu: 6
    hw.perflevel0.cpusperl2: 6
    hw.perflevel0.name: Super
    hw.perflevel1.physicalcpu: 12
    hw.perflevel1.logicalcpu: 12
    hw.perflevel1.cpusperl2: 6
    hw.perflevel1.name: Performance
    machdep.cpu.brand_string: Apple M5 Max`,
});

/** A runner of GitHub: https://github.com/yorickdowne/get-macos-runner-hardware/pull/1 (2026-09-21). */
export const runner = scriptedHost({
  platform: 'darwin',
  arch: 'arm64',
  os: { release: '25.5.0', machine: 'arm64', logicalCpus: 3 },
  sysctl: `
    machdep.cpu.brand_string: Apple M1 (Virtual)
    hw.model: VirtualMac2,1
    hw.nperflevels: 1
    hw.perflevel0.name: Standard
    hw.perflevel0.physicalcpu: 3
    hw.perflevel0.l2cachesize: 12582912
    hw.optional.arm64: 1
    kern.hv_vmm_present: 1`,
  commands: {
    '/usr/bin/pmset -g':
      'System-wide power settings:\nCurrently in use:\n sleep                0\n',
    [PRESSURE]: pressureOf(0),
  },
});

/** `pmset -g thermlog` of a MacBook Pro with an Intel CPU that had slowed down, 2021-09-03. */
export const INTEL_SLOWED = `${QUIET}2021-09-03 13:22:05 +0900 CPU Power notify
\tCPU_Scheduler_Limit \t= 100
\tCPU_Available_CPUs \t= 16
\tCPU_Speed_Limit \t= 34
`;

/** The same of one that got well again: each change is an entry, the last is that of now. */
export const INTEL_RECOVERED = `2021-07-07 12:32:50 -0400 CPU Power notify
\tCPU_Scheduler_Limit \t= 100
\tCPU_Available_CPUs \t= 8
\tCPU_Speed_Limit \t= 90
2021-07-07 12:32:50 -0400 CPU Power notify
\tCPU_Scheduler_Limit \t= 100
\tCPU_Available_CPUs \t= 8
\tCPU_Speed_Limit \t= 100
`;

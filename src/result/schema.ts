/**
 * The result schema, version 2: the one machine-readable form of every command's outcome. Fields are
 * added, never changed or removed. docs/results.md is generated from it.
 */
import { z } from 'zod';
import { benchResultSchema } from './schema/bench.js';
import { type comparedRowSchema, compareResultSchema } from './schema/compare.js';
import { devicesResultSchema } from './schema/devices.js';
import { fleetResultSchema } from './schema/fleet.js';
import type {
  backendSchema,
  conditionsSchema,
  deviceSchema,
  hostSchema,
  warningSchema,
} from './schema/machine.js';
import type {
  activitySchema,
  measurementSchema,
  readingSchema,
  sampleSchema,
  sensorsSchema,
  summarySchema,
  telemetrySchema,
  timedSchema,
} from './schema/measurement.js';
import type { checkSchema, placementSchema, rowSchema, verificationSchema } from './schema/row.js';
import type { sweepSchema } from './schema/sweep.js';
import { type findingSchema, type fixSchema, verifyResultSchema } from './schema/verify.js';
import { watchResultSchema } from './schema/watch.js';

export * from './schema/bench.js';
export * from './schema/compare.js';
export * from './schema/devices.js';
export * from './schema/fleet.js';
export * from './schema/machine.js';
export * from './schema/measurement.js';
export * from './schema/row.js';
export * from './schema/sweep.js';
export * from './schema/verify.js';
export * from './schema/watch.js';

export const resultSchema = z.discriminatedUnion('command', [
  devicesResultSchema,
  benchResultSchema,
  verifyResultSchema,
  compareResultSchema,
  fleetResultSchema,
  watchResultSchema,
]);

/** Saved data is never modified: every type derived from the schema is read-only throughout. */
type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };
type Derived<Schema extends z.ZodType> = DeepReadonly<z.infer<Schema>>;

export type Result =
  | DevicesResult
  | BenchResult
  | VerifyResult
  | CompareResult
  | FleetRecord
  | WatchRecord;
export type DevicesResult = Derived<typeof devicesResultSchema>;
export type BenchResult = Derived<typeof benchResultSchema>;
export type VerifyResult = Derived<typeof verifyResultSchema>;
export type CompareResult = Derived<typeof compareResultSchema>;
/** The result of `fleet`. */
export type FleetRecord = Derived<typeof fleetResultSchema>;
/** The result of `watch`. */
export type WatchRecord = Derived<typeof watchResultSchema>;
export type WatchedDevice = WatchRecord['devices'][number];
export type WatchedFramework = WatchRecord['frameworks'][number];
/** One period of the timeline. */
export type WatchPoint = WatchRecord['timeline'][number];
export type WatchVerdict = WatchRecord['verdict'];
export type FleetHost = FleetRecord['hosts'][number];
export type FleetOutlier = FleetRecord['outliers'][number];
/** A limit of the command line, held against a row. */
export type Threshold = NonNullable<BenchResult['thresholds']>[number];
/** One row of two results, judged. */
export type ComparedRow = Derived<typeof comparedRowSchema>;
export type Verdict = ComparedRow['verdict'];
/** A fact that the two sides of a comparison do not share. */
export type Difference = ComparedRow['differences'][number];
export type Finding = Derived<typeof findingSchema>;
export type Fix = Derived<typeof fixSchema>;
export type Row = Derived<typeof rowSchema>;
export type SweepRecord = Derived<typeof sweepSchema>;
/** The values of a sweep's axes at one of its points. */
export type Coordinates = NonNullable<Row['point']>;
export type SkippedPoint = SweepRecord['skipped'][number];
export type RowState = Row['state'];
/** Which kernels the native devices of a comparison may use. */
export type KernelLevel = NonNullable<Row['kernels']>;
export type PlacementRow = Derived<typeof placementSchema>;
export type Verification = Derived<typeof verificationSchema>;
export type CheckOutcome = Derived<typeof checkSchema>;
export type Host = Derived<typeof hostSchema>;
export type Conditions = Derived<typeof conditionsSchema>;
export type Warning = Derived<typeof warningSchema>;
export type BackendRecord = Derived<typeof backendSchema>;
export type DeviceInfo = Derived<typeof deviceSchema>;
export type DeviceKind = DeviceInfo['kind'];
/** The device's own clock. */
export type DeviceClock = NonNullable<DeviceInfo['deviceClock']>;
/** Physical limits of the hardware, with the source of the numbers. */
export type Peak = NonNullable<DeviceInfo['peak']>;
/** What a device's sensors say at one moment; each only if they say it. */
export type Telemetry = Derived<typeof sensorsSchema>;
/** A reading of the sensors during a measurement. */
export type TelemetryReading = Derived<typeof readingSchema>;
/** The device's sensors over a measurement. */
export type DeviceTelemetry = Derived<typeof telemetrySchema>;
export type Energy = NonNullable<DeviceTelemetry['energy']>;
/** One timed group of iterations. Times are totals over the group. */
export type Sample = Derived<typeof timedSchema>;
/** A sample with what disturbed it. */
export type LabelledSample = Derived<typeof sampleSchema>;
/** What happened on the CPUs while a sample was taken. */
export type Activity = Derived<typeof activitySchema>;
export type Disturbance = NonNullable<Measurement['disturbance']>;
export type Summary = Derived<typeof summarySchema>;
export type Measurement = Derived<typeof measurementSchema>;
/** One fresh worker process's part of a measurement. */
export type Run = Measurement['runs'][number];
export type StoppedBy = Measurement['stoppedBy'];
/** The example as people write it in a framework. */
export type ExampleProgram = NonNullable<Row['programs']>[number];
/** `latency` waits for the device after every iteration, `throughput` after the last one. */
export type RunMode = Row['mode'];

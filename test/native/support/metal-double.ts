/**
 * Makes the addon over the test double of Metal the one of this test file: to be imported before
 * anything that loads an addon.
 */
import { metalDouble } from '../../../scripts/lib/metal-double.mjs';

const { addon, reason } = metalDouble();
if (addon) process.env.MPSBENCH_ADDON = addon;

/** Why the tests on the double are skipped here; empty where they are not. */
export const skipReason = reason;
export const addonPath = addon;

import { readConditions, readHost } from '../../host/index.js';
import { perContext } from '../memo.js';

/** The host's facts, read once for all checks. */
export const hostOf = perContext(({ source }) => readHost(source));

/** Power, load and thermal state, read once for all checks. */
export const conditionsOf = perContext(({ source }) => readConditions(source));

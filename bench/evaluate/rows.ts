import { realRows } from './real-rows.js';
import type { Row } from './row.js';
import { simulatedRows } from './simulated-rows.js';

/** All rows of the evaluation, in the order of their tables. */
export const ROWS: readonly Row[] = [...simulatedRows(), ...realRows()];

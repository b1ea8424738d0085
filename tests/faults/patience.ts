import { currentEnvironment } from '../../shared/runtime/environment.ts';

/**
 * By how much longer than on a machine of its own things may take. A build machine is busy with other things, which makes
 * everything slower and nothing wrong: times and rates are judged with patience, invariants never.
 */
export const PATIENCE = currentEnvironment()['CI'] === undefined ? 1 : 6;

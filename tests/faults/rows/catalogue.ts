import type { Fault } from '../fault.ts';
import { brokerFaults } from './broker-faults.ts';
import { clockFaults } from './clock-faults.ts';
import { combinedFaults } from './combined-faults.ts';
import { crashPoints } from './crash-points.ts';
import { messageFaults } from './message-faults.ts';
import { networkFaults } from './network-faults.ts';
import { postgresFaults } from './postgres-faults.ts';
import { providerFaults } from './provider-faults.ts';
import { redisFaults } from './redis-faults.ts';
import { sweepFaults } from './sweep-faults.ts';
import { workerFaults } from './worker-faults.ts';

/** All rows, in the order of their numbers. */
export const FAULTS: readonly Fault[] = [
  ...crashPoints,
  ...workerFaults,
  ...brokerFaults,
  ...networkFaults,
  ...redisFaults,
  ...postgresFaults,
  ...providerFaults,
  ...messageFaults,
  ...clockFaults,
  ...combinedFaults,
  ...sweepFaults,
].sort((a, b) => a.id.localeCompare(b.id));

/** What a run without options looks at: one of each kind, in five minutes. */
export const DEFAULT_IDS: readonly string[] = [
  'F01',
  'F03',
  'F04',
  'F09',
  'F13',
  'F22',
  'F30',
  'F35',
  'F41',
  'F43',
  'F44',
  'F48',
];

import type { ProviderReport } from '../../../shared/controls/provider-report.ts';
import type { PostgresFacts } from '../../../shared/postgres/inspect-postgres.ts';
import type { BrokerFacts } from '../../../shared/rabbitmq/inspect-broker.ts';
import { brokerFindings } from './broker-findings.ts';
import { clockFindings } from './clock-findings.ts';
import { doctorText } from './doctor-text.ts';
import type { Finding } from './finding.ts';
import { postgresFindings } from './postgres-findings.ts';
import { prefetchFindings } from './prefetch-findings.ts';

const GIB = 1_073_741_824;
const broker: BrokerFacts = {
  version: '4.0.5',
  missing: [],
  publishRefusal: '',
  isBlocked: false,
  queues: [],
  bindings: [],
  consumers: [],
  nodes: [
    {
      name: 'a',
      isRunning: true,
      hasMemoryAlarm: false,
      hasDiskAlarm: false,
      memoryBytes: GIB,
      memoryLimitBytes: 4 * GIB,
      diskFreeBytes: 9 * GIB,
      diskLimitBytes: GIB,
      partitions: [],
    },
  ],
};
const node = (more: Partial<NonNullable<BrokerFacts['nodes']>[number]>): BrokerFacts => ({
  ...broker,
  nodes: (broker.nodes ?? []).map((one) => ({ ...one, ...more })),
});

const postgres: PostgresFacts = {
  version: 170_002,
  user: 'enrichment_operator',
  skewMs: 3,
  roundTripMs: 2,
  isReadOnly: false,
  maxConnections: 100,
  connections: 12,
  pooler: 'transaction',
  migrations: { pending: [], changed: [], unknown: [] },
  forbiddenTables: [],
};

const told = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ severity }) => severity !== 'ok').map(({ check, severity }) => `${check} ${severity}`);

test.each<[string, BrokerFacts, readonly string[]]>([
  ['a healthy broker', broker, []],
  ['an old one', { ...broker, version: '3.9.2' }, ['rabbitmq.version error']],
  ['one that refuses', { ...broker, publishRefusal: '403' }, ['rabbitmq.permissions error']],
  ['one that is blocked', { ...broker, isBlocked: true }, ['rabbitmq.blocked error']],
  ['one that tells nothing', { ...broker, nodes: undefined }, ['rabbitmq.management notice']],
  ['a memory alarm', node({ hasMemoryAlarm: true }), ['rabbitmq.memory_alarm error']],
  ['memory near its limit', node({ memoryBytes: 3.5 * GIB }), ['rabbitmq.memory warning']],
  ['a disk alarm', node({ hasDiskAlarm: true, diskFreeBytes: GIB / 2 }), ['rabbitmq.disk_alarm error']],
  ['a disk near its limit', node({ diskFreeBytes: 1.5 * GIB }), ['rabbitmq.disk warning']],
  ['a split cluster', node({ partitions: ['b'] }), ['rabbitmq.partition error']],
  ['a node that is down', node({ isRunning: false }), ['rabbitmq.node error']],
])('of %s it says what is wrong and nothing else', (_, facts, expected) => {
  expect(told(brokerFindings(facts))).toEqual(expected);
});

test.each<[string, Partial<PostgresFacts>, readonly string[]]>([
  ['a healthy database', {}, []],
  ['a pool in session mode', { pooler: 'session' }, ['postgres.pool_mode warning']],
  ['a standby', { isReadOnly: true }, ['postgres.read_only error']],
  ['few connections left', { pooler: 'none', connections: 90 }, ['postgres.connections warning']],
  ['a database without tables', { migrations: undefined }, ['postgres.migrations error']],
])('of %s it says what is wrong and nothing else', (_, more, expected) => {
  expect(told(postgresFindings({ ...postgres, ...more }))).toEqual(expected);
});

test('a clock is only wrong by what the way to it leaves no doubt of', () => {
  expect(clockFindings('Redis', { skewMs: 2_900, roundTripMs: 2_000 })).toEqual([]);
  expect(told(clockFindings('Redis', { skewMs: -5_000, roundTripMs: 10 }))).toEqual(['redis.clock warning']);
  expect(told(clockFindings('Redis', { skewMs: 3_600_000, roundTripMs: 10 }))).toEqual(['redis.clock error']);
});

test('what all workers hold of a provider is weighed against the time that the broker gives them', () => {
  const provider = { name: 'musicbrainz', rate: { count: 1, windowMs: 1_100 }, factor: 1 } as ProviderReport;
  const held = (workers: number) =>
    Array.from({ length: workers }, () => ({ queue: 'enrichment_musicbrainz_queue', prefetch: 54 }));
  expect(prefetchFindings(held(10), [provider])).toEqual([]);
  const [finding] = prefetchFindings(held(100), [provider]);
  expect(finding).toMatchObject({ check: 'rabbitmq.prefetch', severity: 'warning' });
  expect(finding?.what).toContain('5400 tasks, 99 minutes of its limit');
});

test('each trouble is told with its fix, and counted', () => {
  const findings: readonly Finding[] = [
    { check: 'a', severity: 'ok', what: 'fine', fix: '' },
    { check: 'b', severity: 'error', what: 'broken', fix: 'mend it' },
  ];
  expect(doctorText(findings)).toBe('ok       fine\nERROR    broken\n         fix: mend it\n\n1 error.');
  expect(doctorText(findings.slice(0, 1))).toContain('Everything is as it should be.');
});

import { startReport } from './start-report.ts';
import type { SystemRecord } from './system-record.ts';

const servers = {
  RABBITMQ_URL: 'amqp://a:b@127.0.0.1:1/v',
  RABBITMQ_MANAGEMENT_URL: 'http://a:b@127.0.0.1:2',
  REDIS_URL: 'redis://127.0.0.1:3/0',
  DATABASE_URL: 'postgres://a:b@127.0.0.1:4/d',
};
const live = { mode: { kind: 'live' }, processes: [] } as const;

test('addresses are only to be set for a stack that is not the usual one', () => {
  expect(startReport('main', servers, live)).not.toContain('eval');
  expect(startReport('other', servers, live)).toContain('eval "$(npm run -s stack -- env --name other)"');
});

test('the key is shown by the start that made it, with a request to try it', () => {
  const api = { name: 'api', url: 'http://127.0.0.1:5' } as SystemRecord['processes'][number];
  const report = startReport('main', servers, { ...live, processes: [api], apiKey: 'enr_x' });
  expect(report).toContain("curl -H 'Authorization: Bearer enr_x' http://127.0.0.1:5/v1/providers");
  expect(startReport('main', servers, { ...live, processes: [api] })).not.toContain('curl');
});

import { startReport } from './start-report.ts';

const servers = {
  RABBITMQ_URL: 'amqp://a:b@127.0.0.1:1/v',
  RABBITMQ_MANAGEMENT_URL: 'http://a:b@127.0.0.1:2',
  REDIS_URL: 'redis://127.0.0.1:3/0',
  DATABASE_URL: 'postgres://a:b@127.0.0.1:4/d',
};
const live = { mode: { kind: 'live' }, processes: [] } as const;

test('the command for the addresses names the stack, unless it is the usual one', () => {
  expect(startReport('main', servers, live)).toContain('eval "$(npm run -s stack -- env)"');
  expect(startReport('other', servers, live)).toContain('eval "$(npm run -s stack -- env --name other)"');
});

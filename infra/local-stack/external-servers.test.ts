import { externalUrls } from './external-servers.ts';

const named = {
  RABBITMQ_URL: 'amqps://app:pass%2Fword@broker.example/orders',
  REDIS_URL: 'redis://cache.example:6380/2',
  DATABASE_URL: 'postgres://app:word@db.example/enrichment',
};

test('the servers that the environment names are taken as they are', () => {
  expect(externalUrls({ ...named, RABBITMQ_MANAGEMENT_URL: 'http://a:b@broker.example:1' })).toEqual({
    ...named,
    RABBITMQ_MANAGEMENT_URL: 'http://a:b@broker.example:1',
  });
});

test("the management API is looked for on the broker's host, with its login, when it is not named", () => {
  expect(externalUrls(named).RABBITMQ_MANAGEMENT_URL).toBe('https://app:pass%2Fword@broker.example:15671');
});

test('every missing address is named, and no login is shown', () => {
  const incomplete = { RABBITMQ_URL: 'http://app:secret-word@broker.example' };
  expect(() => externalUrls(incomplete)).toThrow(/RABBITMQ_URL.*REDIS_URL.*DATABASE_URL/s);
  expect(() => externalUrls(incomplete)).not.toThrow(/secret-word/);
});

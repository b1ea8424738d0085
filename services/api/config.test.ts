import { loadConfig } from './config.ts';

test('without settings the service listens on loopback and wants keys', () => {
  expect(loadConfig({})).toMatchObject({ host: '127.0.0.1', access: 'keys' });
});

test.each(['127.0.0.1', 'localhost', '::1', '127.0.0.9'])('open mode is let be on %s', (host) => {
  expect(loadConfig({ API_ACCESS: 'open', API_HOST: host }).access).toBe('open');
});

test.each(['0.0.0.0', '::', '10.0.0.5', 'api.example.com', '127.0.0.1.example.com'])(
  'open mode is refused on %s, which others reach',
  (host) => {
    expect(() => loadConfig({ API_ACCESS: 'open', API_HOST: host })).toThrow(/API_ACCESS.*let everybody in/);
  },
);

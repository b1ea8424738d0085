import { ConfigError, secret, text, url } from '../runtime/environment.ts';
import { openProvider, type LimitsInForce } from './open-provider.ts';
import { providerSettings } from './provider-settings.ts';
import { defineProvider, type ProviderTools } from './provider.ts';

const opened: Record<string, string>[] = [];
let toolLimits: LimitsInForce | undefined;

const base = {
  kind: 'track' as const,
  title: 'Example',
  limits: {
    rate: '30/30s',
    dailyBudget: 1_000,
    maxInFlight: 2,
    timeoutMs: 10_000,
    attempts: 4,
    hitTtlSeconds: 86_400,
    missTtlSeconds: 3_600,
    maxTtlSeconds: 7 * 86_400,
  },
  costPerRequestUsd: 0.001,
  notice: 'Data from Example',
};
const settings = {
  id: secret('EXAMPLE_ID', { doc: 'Client id.' }),
  key: secret('EXAMPLE_KEY', { doc: 'Client key.' }),
  url: url('EXAMPLE_URL', { doc: 'Base URL.', default: 'https://api.example.org/v1' }),
  market: text('EXAMPLE_MARKET', { doc: 'Country.', default: 'US' }),
};
const closed = defineProvider({
  ...base,
  name: 'example',
  settings,
  sandboxPaths: { url: '/example/v1/' },
  open: (values) => {
    opened.push({ ...values });
    return { ladder: () => [] };
  },
});
const free = defineProvider({
  ...base,
  name: 'free',
  settings: { url: url('FREE_URL', { doc: 'Base URL.', default: 'https://free.example.org' }) },
  sandboxPaths: { url: '/free' },
  open: (values) => {
    opened.push({ ...values });
    return { ladder: () => [] };
  },
});

const tools = (limits: LimitsInForce): ProviderTools => {
  toolLimits = limits;
  const unused = () => Promise.reject(new Error('not used here'));
  return { tokens: { get: unused, discard: unused }, fetch: unused, userAgent: 'test' };
};
const CREDENTIALS = { EXAMPLE_ID: 'real-id', EXAMPLE_KEY: 'real-key' };
const sandboxUrl = 'http://127.0.0.1:4000';

beforeEach(() => {
  opened.length = 0;
});

describe('openProvider', () => {
  it('is live with all credentials, also beside a sandbox', () => {
    expect(openProvider(closed, CREDENTIALS, { tools, sandboxUrl })).toMatchObject({
      name: 'example',
      mode: 'live',
    });
    expect(opened).toEqual([
      { id: 'real-id', key: 'real-key', url: 'https://api.example.org/v1', market: 'US' },
    ]);
  });

  it('is off without credentials, opens nothing and names what is missing', () => {
    const provider = openProvider(closed, { EXAMPLE_ID: 'real-id' }, { tools });
    expect(provider).toMatchObject({ mode: 'off', missing: ['EXAMPLE_KEY'] });
    expect(opened).toEqual([]);
  });

  it('speaks to the sandbox without credentials, and tells it none of those that are there', () => {
    const env = { EXAMPLE_ID: 'real-id', EXAMPLE_MARKET: 'DE', EXAMPLE_URL: 'https://api.example.org/v2' };
    expect(openProvider(closed, env, { tools, sandboxUrl: `${sandboxUrl}/` }).mode).toBe('sandbox');
    expect(opened).toEqual([
      { id: 'sandbox-example-id', key: 'sandbox-example-key', url: `${sandboxUrl}/example/v1`, market: 'DE' },
    ]);
  });

  it('speaks to the sandbox wherever no credentials are needed', () => {
    expect(openProvider(free, {}, { tools, sandboxUrl }).mode).toBe('sandbox');
    expect(openProvider(free, {}, { tools }).mode).toBe('live');
    expect(opened).toEqual([{ url: `${sandboxUrl}/free` }, { url: 'https://free.example.org' }]);
  });

  it('has the limits of the definition unless the environment says otherwise', () => {
    expect(openProvider(free, {}, { tools }).limits).toEqual({
      rate: { count: 30, windowMs: 30_000 },
      dailyBudget: 1_000,
      costPerRequestUsd: 0.001,
      maxInFlight: 2,
      timeoutMs: 10_000,
      attempts: 4,
      ttl: { hitSeconds: 86_400, missSeconds: 3_600, maxSeconds: 604_800 },
    });
    const env = {
      FREE_RATE_LIMIT: '1/1100ms',
      FREE_DAILY_BUDGET: '0',
      FREE_COST_PER_REQUEST_USD: '0.25',
      FREE_HIT_TTL_SECONDS: '120',
    };
    const { limits } = openProvider(free, env, { tools });
    expect(limits).toMatchObject({
      rate: { count: 1, windowMs: 1_100 },
      dailyBudget: 0,
      costPerRequestUsd: 0.25,
      ttl: { hitSeconds: 120 },
    });
    expect(toolLimits).toBe(limits);
  });

  it.each([
    ['FREE_HIT_TTL_SECONDS', '604801'],
    ['FREE_MISS_TTL_SECONDS', '604801'],
    ['FREE_MAX_IN_FLIGHT', '0'],
    ['FREE_TIMEOUT_MS', '99'],
    ['FREE_ATTEMPTS', '0'],
    ['FREE_DAILY_BUDGET', '-1'],
    ['FREE_COST_PER_REQUEST_USD', '-0.01'],
    ['FREE_COST_PER_REQUEST_USD', '101'],
    ['FREE_RATE_LIMIT', 'fast'],
    ['FREE_URL', 'ftp://free.example.org'],
  ])('refuses %s=%s', (key, value) => {
    expect(() => openProvider(free, { [key]: value }, { tools })).toThrow(ConfigError);
    expect(() => openProvider(free, { [key]: value }, { tools })).toThrow(key);
  });
});

describe('providerSettings', () => {
  it('lists the own settings and those that every provider has, each with its default', () => {
    const all = Object.values(providerSettings(free)).map((setting) => [setting.key, setting.default]);
    expect(all).toEqual([
      ['FREE_URL', 'https://free.example.org'],
      ['FREE_RATE_LIMIT', '30/30s'],
      ['FREE_DAILY_BUDGET', '1000'],
      ['FREE_COST_PER_REQUEST_USD', '0.001'],
      ['FREE_MAX_IN_FLIGHT', '2'],
      ['FREE_TIMEOUT_MS', '10000'],
      ['FREE_ATTEMPTS', '4'],
      ['FREE_HIT_TTL_SECONDS', '86400'],
      ['FREE_MISS_TTL_SECONDS', '3600'],
    ]);
  });
});

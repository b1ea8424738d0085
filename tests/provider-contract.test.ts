/** What every provider must do, over each folder of shared/providers: a new one needs samples.ts and no wiring. */
import { inspect } from 'node:util';
import { ProviderError } from '../shared/task/provider-error.ts';
import type { ProviderDefinition } from '../shared/providers/provider.ts';
import type { ProviderSamples, Sample } from '../shared/providers/samples.ts';
import { listProviders, loadProvider } from '../shared/providers/registry.ts';
import { providerSettings } from '../shared/providers/provider-settings.ts';
import { NOW, USER_AGENT, openSubject, type Subject } from './providers/open-subject.ts';
import { openScriptServer, send, type Answer, type ScriptServer } from './providers/script-server.ts';

const providers: { name: string; definition: ProviderDefinition; samples: ProviderSamples }[] = [];
// One after the other: the test runner cannot link modules that two imports share at the same time.
for (const name of listProviders()) {
  const definition = await loadProvider(name);
  const module = (await import(`../shared/providers/${name}/samples.ts`)) as { default: ProviderSamples };
  providers.push({ name, definition, samples: module.default });
}

let server: ScriptServer;
beforeAll(async () => {
  server = await openScriptServer();
});
afterAll(() => server.close());

const reply =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    send(response, { status, headers, body });
  };

async function errorOf(subject: Subject, signal?: AbortSignal): Promise<ProviderError> {
  const error: unknown = await subject.lookUp(signal).then(
    (answer) => new Error(`answered ${answer.kind}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw error;
  return error;
}

it('finds providers', () => {
  expect(providers.length).toBeGreaterThan(0);
});

describe.each(providers)('$name', ({ name, definition, samples }) => {
  const secrets = [
    ...Object.values(definition.settings).flatMap(({ secret, key }) =>
      secret ? [samples.env[key] ?? ''] : [],
    ),
    ...(samples.secrets ?? []),
  ].flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]);

  const expectNoSecret = (shown: string) => {
    expect(secrets.filter((secret) => secret === '' || shown.includes(secret))).toEqual([]);
  };
  const open = (options: { sample?: Sample; timeoutMs?: number } = {}) =>
    openSubject(definition, samples, { url: server.url, ...options });

  /** Any request but those for a token gets this answer. */
  const failsWith = async (answer: Answer, options: { timeoutMs?: number } = {}) => {
    server.answer(answer, samples.always);
    const subject = open(options);
    const error = await errorOf(subject);
    expectNoSecret(inspect(error, { depth: 8 }) + subject.keys.join());
    expect(error.provider).toBe(name);
    return error;
  };

  const expectOutcome = async (subject: Subject, { outcome, exchanges, counted }: Sample) => {
    if (outcome.kind === 'error') {
      const error = await errorOf(subject);
      expect(error.kind).toBe(outcome.error);
      if (outcome.status !== undefined) expect(error.status).toBe(outcome.status);
      if (outcome.retryAfterMs !== undefined) expect(error.retryAfterMs ?? null).toBe(outcome.retryAfterMs);
      return inspect(error, { depth: 8 });
    }
    const answer = await subject.lookUp();
    expect(answer).toMatchObject({
      provider: name,
      kind: outcome.kind,
      requests: counted ?? exchanges.length,
    });
    expect(answer.fetchedAt).toBe(NOW);
    const { hitTtlSeconds, missTtlSeconds } = definition.limits;
    expect(answer.expiresAt).toBe(NOW + 1_000 * (outcome.kind === 'hit' ? hitTtlSeconds : missTtlSeconds));
    if (outcome.kind === 'hit') {
      expect(answer.id).toBe(outcome.id);
      if (definition.supplement === undefined) expect(answer.match).toMatchObject({ matcherVersion: 'test' });
      else expect(answer).not.toHaveProperty('match');
      const stored = answer.fields?.[definition.idField ?? ''];
      if (stored !== undefined) expect([answer.id, Number(answer.id)]).toContain(stored);
      for (const [field, value] of Object.entries(outcome.fields ?? {})) {
        expect([field, answer.fields?.[field]]).toEqual([field, value]);
      }
      for (const field of outcome.absent ?? []) expect(Object.keys(answer.fields ?? {})).not.toContain(field);
    }
    return JSON.stringify(answer);
  };

  it('has a definition that its settings agree with', () => {
    const { settings, sandboxPaths, limits } = definition;
    expect(Object.keys(settings)).toEqual(expect.arrayContaining(Object.keys(sandboxPaths)));
    for (const path of Object.values(sandboxPaths)) expect(path).toMatch(/^\/[a-z]/);
    expect(Math.max(limits.hitTtlSeconds, limits.missTtlSeconds)).toBeLessThanOrEqual(limits.maxTtlSeconds);
    for (const { key, doc } of Object.values(providerSettings(definition))) {
      expect(key.startsWith(`${name.toUpperCase()}_`)).toBe(true);
      expect(doc.length).toBeGreaterThan(10);
    }
    expect(definition.notice).not.toBe('');
  });

  it('stores its ids, or adds to a provider of its kind that finds something itself', () => {
    const { supplement, idField, kind } = definition;
    const { outcome } = samples.hit;
    const fields = outcome.kind === 'hit' ? (outcome.fields ?? {}) : {};
    if (supplement === undefined) expect(Object.keys(fields)).toContain(idField);
    else {
      const base = providers.find((one) => one.name === supplement.base)?.definition;
      expect(base).toMatchObject({ kind, idField: expect.any(String) as string });
      expect(idField).toBeUndefined();
    }
  });

  const byKind = { hit: samples.hit, miss: samples.miss, ambiguous: samples.ambiguous };

  describe.each([...Object.values(byKind).filter((sample) => sample !== undefined), ...samples.oddities])(
    '$claim',
    (sample) => {
      it(`comes to ${sample.outcome.kind === 'error' ? sample.outcome.error : sample.outcome.kind}`, async () => {
        server.play(sample.exchanges, sample.always ?? samples.always);
        const subject = open({ sample });
        const shown = await expectOutcome(subject, sample);
        expect(server.requests).toEqual(sample.exchanges.map(({ request }) => request));
        expect(server.surprises).toEqual([]);
        expect([...server.userAgents]).toEqual([USER_AGENT]);
        expectNoSecret(shown + subject.keys.join());
      });
    },
  );

  it('offers a sample of each answer that it can give', () => {
    const isUndecided = definition.supplement === undefined ? 'ambiguous' : undefined;
    expect(Object.values(byKind).map((sample) => sample?.outcome.kind)).toEqual(['hit', 'miss', isUndecided]);
  });

  it('takes a 429 without Retry-After for a rate limit of unknown length', async () => {
    expect(await failsWith(reply(429, {}))).toMatchObject({ kind: 'rate_limited', retryAfterMs: undefined });
  });

  it('keeps away for as long as a 429 says', async () => {
    const error = await failsWith(reply(429, {}, { 'retry-after': '7' }));
    expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 7_000 });
  });

  it('takes a 429 that asks for hours for a spent quota', async () => {
    const error = await failsWith(reply(429, {}, { 'retry-after': '20000' }));
    expect(error).toMatchObject({ kind: 'quota_exhausted', retryAfterMs: 20_000_000 });
  });

  it.each([500, 502, 503, 504])('takes HTTP %d for a transient fault', async (status) => {
    expect(await failsWith(reply(status, ''))).toMatchObject({ kind: 'unavailable', status });
  });

  it.each([200, 502])('takes HTML with HTTP %d for a transient fault', async (status) => {
    const html = '<!DOCTYPE html><html><body>Bad gateway</body></html>';
    expect(await failsWith(reply(status, html))).toMatchObject({ kind: 'unavailable', status });
  });

  it('takes truncated JSON for a transient fault', async () => {
    const whole = JSON.stringify(samples.hit.exchanges[0]?.reply.body);
    const error = await failsWith(reply(200, whole.slice(0, whole.length / 2)));
    expect(error.kind).toBe('unavailable');
  });

  it('takes an empty body for a transient fault', async () => {
    expect(await failsWith(reply(200, ''))).toMatchObject({ kind: 'unavailable' });
  });

  it('takes JSON of an unknown shape for a broken contract, never for a miss', async () => {
    expect(await failsWith(reply(200, { unexpected: [1] }))).toMatchObject({ kind: 'contract', status: 200 });
  });

  it('stops reading a body above the cap', async () => {
    let sent = 0;
    const error = await failsWith((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        sent += chunk.length;
        if (sent > 64 * chunk.length) response.end();
        else response.write(chunk, more);
      };
      more();
    });
    expect(error.kind).toBe('contract');
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('gives up on a body that never ends', async () => {
    const error = await failsWith(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{');
      },
      { timeoutMs: 250 },
    );
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('250 ms');
  });

  it('takes a reset before the headers for a transient fault', async () => {
    const error = await failsWith((request) => {
      request.socket.destroy();
    });
    expect(error.kind).toBe('unavailable');
  });

  it('takes a reset inside the body for a transient fault', async () => {
    const error = await failsWith((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"half":', () => request.socket.destroy());
    });
    expect(error.kind).toBe('unavailable');
  });

  it('follows no redirect to another host', async () => {
    const error = await failsWith(reply(302, '', { location: 'http://localhost:9/elsewhere' }));
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('another host');
    expect(server.requests).toHaveLength(1);
  });

  it('rejects with the reason of an abort, which is no fault of the provider', async () => {
    const stop = new AbortController();
    const reason = new Error('shutting down');
    server.answer(() => {
      stop.abort(reason);
    }, samples.always);
    await expect(open().lookUp(stop.signal)).rejects.toBe(reason);
  });

  it('shows no credential when the service repeats what it was sent', async () => {
    const bodies: readonly ((echo: string) => unknown)[] = [
      (echo) => echo,
      (echo) => ({ error: echo, help: echo, message: echo, error_description: echo }),
      (echo) => ({ error: { status: 400, message: echo, reason: echo } }),
      (echo) => ({ error: 10, message: echo }),
      (echo) => ({ success: false, status_code: 7, status_message: echo }),
    ];
    for (const status of [400, 401, 403, 429, 500]) {
      for (const body of bodies) {
        await failsWith((request, response) => {
          const echo = `${request.url ?? ''} ${request.headers.authorization ?? ''} ${secrets.join(' ')}`;
          send(response, { status, body: body(echo) });
        });
      }
    }
  });
});

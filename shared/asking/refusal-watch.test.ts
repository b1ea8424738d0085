import { ProviderError, type ProviderErrorKind } from '../task/provider-error.ts';
import { RefusalWatch } from './refusal-watch.ts';

const fault = (kind: ProviderErrorKind): ProviderError =>
  new ProviderError('tmdb', kind, 'HTTP 404', { status: 404 });

function setUp() {
  const said: string[] = [];
  const watch = new RefusalWatch(({ message }) => said.push(message));
  return { said, watch, kindOf: (kind: ProviderErrorKind) => watch.judge(fault(kind)).kind };
}

test('a provider that has answered nothing yet is out of order, not the task', () => {
  const { said, watch } = setUp();
  const judged = watch.judge(fault('bad_request'));
  expect(judged).toMatchObject({
    kind: 'unavailable',
    status: 404,
    message: 'tmdb: refuses every request: HTTP 404',
  });
  watch.judge(fault('contract'));
  expect(said).toEqual(['tmdb: HTTP 404']);
});

test('between answers a refusal is the own fault of the request', () => {
  const { said, watch, kindOf } = setUp();
  for (const kind of ['bad_request', 'forbidden', 'contract'] as const) {
    watch.answered();
    expect(kindOf(kind)).toBe(kind);
  }
  expect(said).toEqual([]);
});

test('the second refusal in a row is no single request’s any more, until something is answered', () => {
  const { watch, kindOf } = setUp();
  watch.answered();
  expect([kindOf('forbidden'), kindOf('forbidden'), kindOf('forbidden')]).toEqual([
    'forbidden',
    'unavailable',
    'unavailable',
  ]);
  watch.answered();
  expect(kindOf('forbidden')).toBe('forbidden');
});

test('faults that are no refusals stay what they are', () => {
  const { watch } = setUp();
  for (const kind of ['rate_limited', 'quota_exhausted', 'unavailable', 'auth'] as const) {
    const error = fault(kind);
    expect(watch.judge(error)).toBe(error);
  }
});

/** Who may call what: every route, with every kind of caller. */
import { contract } from '../../services/api/openapi/contract.ts';
import { allows, SCOPES, type Scope } from '../../shared/access/api-key.ts';
import { openTestPipeline, type TestPipeline } from '../pipeline.ts';
import { type Ask, CALLERS, openTestApi, type Caller, type TestApi } from './test-api.ts';

type Method = NonNullable<Ask['method']>;

let pipeline: TestPipeline;
let api: TestApi;

beforeAll(async () => {
  pipeline = await openTestPipeline();
  api = await openTestApi(pipeline);
});

afterAll(async () => {
  await api.close();
  await pipeline.close();
});

interface Operation {
  readonly operationId: string;
  readonly description: string;
}

const operations = Object.entries(contract()['paths'] as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, description }]) => ({
      method: method.toUpperCase() as Method,
      path,
      operationId,
      scope: SCOPES.find((scope) => description.endsWith(`Needs the scope \`${scope}\`.`)),
    })),
);

/** Of callers as the keys of the tests have it. */
const SCOPE_OF: Readonly<Record<Exclude<Caller, 'nobody'>, Scope>> = {
  stranger: 'operator',
  viewer: 'viewer',
  operator: 'operator',
  admin: 'admin',
};

const filled = (path: string): string =>
  path
    .replace('{pipeline}', 'tracks')
    .replace('{provider}', 'spotify')
    .replace('{target}', 'backlog')
    .replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');

test('every operation says what scope it needs', () => {
  expect(operations.length).toBeGreaterThan(10);
  expect(operations.filter(({ scope }) => scope === undefined)).toEqual([]);
});

test.each(operations.flatMap((operation) => CALLERS.map((caller) => ({ ...operation, caller }))))(
  '$operationId as $caller: let in exactly when the key has the scope $scope',
  async ({ method, path, scope, caller }) => {
    const response = await api.ask(filled(path), {
      as: caller,
      method,
      ...(method === 'GET' ? {} : { body: {} }),
    });
    const { code } = (await response.json().catch(() => ({}))) as { code?: string };
    if (caller === 'nobody') {
      expect({ status: response.status, code }).toEqual({ status: 401, code: 'unauthenticated' });
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
    } else if (scope !== undefined && allows(SCOPE_OF[caller], scope)) {
      expect([401, 403]).not.toContain(response.status);
      expect(response.status).toBeLessThan(500);
    } else {
      expect({ status: response.status, code }).toEqual({ status: 403, code: 'forbidden' });
    }
  },
);

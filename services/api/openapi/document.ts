/** The OpenAPI document, made from the routes: the schemas that validate are the ones that are shown. */
import { z } from 'zod';
import { VERSION } from '../../../shared/runtime/version.ts';
import { type ProblemCode, PROBLEM_TYPE, PROBLEMS } from '../http/problem.ts';
import { type Answer, problemsOf, type Route } from '../http/route.ts';
import { Components, type JsonSchema } from './components.ts';

const DESCRIPTION = `Submit records for enrichment, watch the jobs, fetch the results, and operate the pipeline.

Every request shows an API key: \`Authorization: Bearer enr_…\`. Keys belong to an owner and reach what is the owner's; what
belongs to somebody else is not found. Errors are \`application/problem+json\` (RFC 9457) with a \`code\` that never changes its
meaning. Times are ISO 8601 in UTC, amounts of time in seconds. Fields may be added; clients leave out what they do not know.`;

/** A plain object, the same for the same routes. */
export function openApiDocument(routes: readonly Route[]): JsonSchema {
  const components = new Components();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Enrichment pipeline',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'enr_<id>_<secret>' } },
    },
  };
}

function operation(route: Route, components: Components): JsonSchema {
  const { name, tag, summary, description, scope, answers } = route;
  const parameters = [
    ...parametersIn('path', route.params, components),
    ...parametersIn('query', route.query, components),
    ...Object.entries(route.headers ?? {}).map(([header, said]) => ({
      name: header,
      in: 'header',
      description: said,
      schema: { type: 'string' },
    })),
  ];
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: [description, `Needs the scope \`${scope}\`.`].filter(Boolean).join('\n\n'),
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(route, components),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, response(answer, components)]),
      ),
      ...problemResponses(problemsOf(route), components),
    },
  };
}

function parametersIn(
  place: 'path' | 'query',
  schema: z.ZodType | undefined,
  components: Components,
): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = components.inline(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function requestBody({ body, streams = [] }: Route, components: Components): JsonSchema {
  if (body === undefined && streams.length === 0) return {};
  const content = {
    ...(body !== undefined && { 'application/json': { schema: components.schemaOf(body, 'input') } }),
    ...Object.fromEntries(streams.map((type) => [type, { schema: streamSchema(type) }])),
  };
  return { requestBody: { required: true, content } };
}

const streamSchema = (type: string): JsonSchema =>
  type === 'multipart/form-data'
    ? {
        type: 'object',
        properties: { file: { type: 'string', contentMediaType: 'text/csv' } },
        required: ['file'],
      }
    : { type: 'string' };

function response(
  { description, schema, types = [], headers = {} }: Answer,
  components: Components,
): JsonSchema {
  const content = {
    ...(schema !== undefined && { 'application/json': { schema: components.schemaOf(schema, 'output') } }),
    ...Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
  };
  return {
    description,
    ...(Object.keys(headers).length > 0 && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, said]) => [
          name,
          { description: said, schema: { type: 'string' } },
        ]),
      ),
    }),
    ...(Object.keys(content).length > 0 && { content }),
  };
}

const problemSchema = z
  .object({
    type: z.string().describe('Where it is explained.'),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string().describe('What happened, and what to do.'),
    instance: z.string().describe('The number of the request: quote it to whoever runs the service.'),
    errors: z
      .array(
        z.object({
          in: z.enum(['path', 'query', 'header', 'body']),
          pointer: z.string(),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

/** One response for each status: several codes may share it. */
function problemResponses(codes: readonly ProblemCode[], components: Components): Record<string, JsonSchema> {
  const schema = components.schemaOf(problemSchema, 'output');
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, shared]) => [
      String(status),
      {
        description: shared.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(' '),
        content: { [PROBLEM_TYPE]: { schema } },
      },
    ]),
  );
}

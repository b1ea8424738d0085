/** What may be said about a job as a whole, in JSON and in the query of an upload; and the request that it makes. */
import { z } from 'zod';
import { parseColumnMap } from '../../../shared/input/columns.ts';
import { pipelines, pipelineNamed } from '../../../shared/pipelines/registry.ts';
import type { Pipeline } from '../../../shared/pipelines/pipeline.ts';
import type { JobRequest } from '../../../shared/postgres/jobs/job.ts';
import { MAX_PRIORITY } from '../../../shared/rabbitmq/topology.ts';
import { DEFAULT_PRIORITY, HIGHEST_PRIORITY, laneOf, LANES, STRATEGIES } from '../../../shared/task/task.ts';
import { HttpProblem } from '../http/problem.ts';

const PIPELINE_NAMES = pipelines.map(({ name }) => name);
/** Postgres takes no NUL, and a label is shown on one line. */
const lineOfText = (length: number) =>
  z
    .string()
    .min(1)
    .max(length)
    .regex(/^[^\p{Cc}]*$/u, 'holds a control character');

const pipeline = z.enum(PIPELINE_NAMES).optional().describe('Default `tracks`.');
const lane = z.enum(LANES).optional().describe('Default: told by the priority.');
const strategy = z
  .enum(STRATEGIES)
  .optional()
  .describe('`first` stops at the first accepted match, `merge` asks every provider of the chain.');
const label = lineOfText(200).optional().describe('For you: lists can be filtered by it.');
const deadline = z.iso
  .datetime({ offset: true })
  .optional()
  .describe('What is not settled then is cancelled, and the job ends as `expired`.');
const callbackUrl = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .optional()
  .describe('Is told when the job ends.');
const priority = `0 (whenever) to ${HIGHEST_PRIORITY} (now), of every row that has none of its own; default ${DEFAULT_PRIORITY}.`;
const providers = 'Asks these instead of the chain of the pipeline.';
const refresh = 'Answers that are cached now do not count.';
const map = 'Which column fills which field';

export const jobOptionsShape = {
  pipeline,
  lane,
  priority: z.int().min(0).max(HIGHEST_PRIORITY).optional().describe(priority),
  providers: z.array(z.string().max(50)).min(1).max(20).optional().describe(providers),
  strategy,
  refresh: z.boolean().optional().describe(refresh),
  label,
  deadline,
  callback_url: callbackUrl,
  map: z.record(z.string(), z.string()).optional().describe(`${map}: field → column.`),
};

/** The same in a query, where everything is text. */
export const jobQueryShape = {
  pipeline,
  lane,
  priority: z.coerce.number().int().min(0).max(HIGHEST_PRIORITY).optional().describe(priority),
  providers: z
    .string()
    .max(1_000)
    .transform((text) => text.split(',').map((name) => name.trim()))
    .optional()
    .describe(`${providers} Comma-separated.`),
  strategy,
  refresh: z.stringbool().optional().describe(refresh),
  label,
  deadline,
  callback_url: callbackUrl,
  map: z.string().max(5_000).optional().describe(`${map}: \`title=Title,year="Release Date"\`.`),
};

type JobOptions = z.output<z.ZodObject<typeof jobOptionsShape>>;
type QueryOptions = Omit<JobOptions, 'map'> & { readonly map?: string | undefined };

export interface ReadOptions {
  /** Also in the request. */
  readonly callbackUrl?: string;
  readonly pipeline: Pipeline;
  readonly request: JobRequest;
  readonly map?: ReadonlyMap<string, string>;
}

/**
 * What is said in the body counts more than what is said in the query. Throws HttpProblem and InputError.
 * @param owner whose job it will be
 */
export function readOptions(owner: string, query: QueryOptions, body: JobOptions = {}): ReadOptions {
  const { map: queryMap, ...queryOptions } = query;
  const said = { ...queryOptions, ...withoutAbsent(body) };
  const found = pipelineNamed(said.pipeline ?? 'tracks');
  if (found === undefined) throw new Error(`no pipeline '${said.pipeline ?? ''}'`);
  checkProviders(found, said.providers);
  const columns =
    body.map === undefined ? queryMap && parseColumnMap(queryMap) : new Map(Object.entries(body.map));
  return {
    pipeline: found,
    request: requestOf(owner, found, said),
    ...(columns !== undefined && columns !== '' && { map: columns }),
    ...(said.callback_url !== undefined && { callbackUrl: said.callback_url }),
  };
}

function requestOf(owner: string, { name }: Pipeline, said: Omit<JobOptions, 'map'>): JobRequest {
  const usual = said.lane === 'backlog' ? MAX_PRIORITY.backlog : DEFAULT_PRIORITY;
  const level = said.priority ?? usual;
  const at = said.deadline === undefined ? undefined : Date.parse(said.deadline);
  if (at !== undefined && at <= Date.now()) throw faultIn('/deadline', 'is in the past');
  return {
    owner,
    pipeline: name,
    lane: said.lane ?? laneOf(level),
    priority: level,
    strategy: said.strategy ?? 'first',
    ...(said.providers !== undefined && { providers: said.providers }),
    ...(said.refresh === true && { notBefore: Date.now() }),
    ...(said.label !== undefined && { label: said.label }),
    ...(at !== undefined && { deadline: at }),
    ...(said.callback_url !== undefined && { callback: { url: said.callback_url } }),
  };
}

function checkProviders({ name, chain }: Pipeline, wanted: readonly string[] | undefined): void {
  const unknown = wanted?.find((one) => !chain.includes(one));
  if (unknown !== undefined) {
    throw faultIn('/providers', `'${unknown}' is not asked about ${name}, only ${chain.join(', ')}`);
  }
}

const faultIn = (pointer: string, message: string): HttpProblem =>
  new HttpProblem('invalid_body', `${pointer}: ${message}`, { faults: [{ in: 'body', pointer, message }] });

const withoutAbsent = <T extends object>(said: T): Partial<T> =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Partial<T>;

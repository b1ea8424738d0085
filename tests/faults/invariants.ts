/** What must hold once the queues are empty and the workers are gone, from the ledgers of everybody who took part. */
import { providerPrefix } from '../../shared/rabbitmq/topology.ts';
import { listProviders } from '../../shared/providers/registry.ts';
import { type Allowance, type Check, check } from './fault.ts';
import type { JobLedger } from './load-jobs.ts';
import type { LogFindings } from './log-findings.ts';
import type { Letter } from './queues.ts';
import { LOG_SIZE, type LoggedRequest, type ProviderFigures } from './sandbox-control.ts';
import type { StoredRow } from './settled-tasks.ts';

export interface Ledgers {
  readonly published: ReadonlySet<string>;
  readonly confirmed: ReadonlySet<string>;
  readonly refused: readonly string[];
  readonly rows: readonly StoredRow[];
  readonly letters: readonly Letter[];
  readonly jobs: JobLedger;
  /** Bad messages that the fault itself sent: a text at the beginning of the body → the reason to be given. */
  readonly expectedLetters: ReadonlyMap<string, string>;
  readonly waiting: ReadonlyMap<string, number>;
  readonly requests: readonly LoggedRequest[];
  readonly figures: ReadonlyMap<string, ProviderFigures>;
  /** By queue, of all workers. */
  readonly redelivered: ReadonlyMap<string, number>;
  /** Accesses to Redis that workers did without: on a machine that is too busy some come too late. */
  readonly withoutRedis: number;
  readonly unclean: readonly string[];
  readonly logs: LogFindings;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

const some = (names: readonly string[]): string =>
  names.length === 0 ? '0' : `${names.length}: ${names.slice(0, 5).join(', ')}`;

export function checkInvariants(ledgers: Ledgers, allows: Allowance = {}): Check[] {
  return [
    ...conservation(ledgers),
    ...terminalStates(ledgers),
    ...jobs(ledgers),
    ...requests(ledgers, allows),
    ...(allows.providerFailures === true ? [] : untouchedByInfrastructure(ledgers)),
    check(
      'workers that were not killed leave with exit code 0',
      ledgers.unclean.length === 0,
      some(ledgers.unclean),
    ),
    check(
      'no error in a log that nobody expected',
      ledgers.logs.errors.length === 0,
      some(ledgers.logs.errors),
    ),
    check('no secret in a log', ledgers.logs.leaks.length === 0, some(ledgers.logs.leaks)),
  ];
}

/** confirmed = rows + dead letters + waiting, waiting = 0. */
function conservation({ published, confirmed, refused, rows, letters, waiting }: Ledgers): Check[] {
  const ended = new Set([...rows.map(({ id }) => id), ...letters.map(({ messageId }) => messageId)]);
  const lost = [...confirmed].filter((id) => !ended.has(id));
  const phantoms = rows.filter(({ id }) => !published.has(id)).map(({ id }) => id);
  const left = [...waiting].map(([queue, count]) => `${queue} ${count}`);
  return [
    check('nothing confirmed is lost', lost.length === 0, `${some(lost)} of ${confirmed.size}`),
    check('nothing waits any more', waiting.size === 0, some(left)),
    check('no row without a task', phantoms.length === 0, some(phantoms)),
    check('everything published is confirmed', refused.length === 0, some(refused)),
  ];
}

/** One row an entity, and no task both dead and something else. */
function terminalStates({ rows, letters, expectedLetters }: Ledgers): Check[] {
  const statuses = new Map(rows.map(({ id, status }) => [id, status]));
  const twice = letters
    .map(({ messageId }) => messageId)
    .filter((id) => statuses.has(id) && statuses.get(id) !== 'dead');
  const dead = rows.filter(({ status }) => status === 'dead').map(({ id }) => id);
  const inQueue = new Set(letters.map(({ messageId }) => messageId));
  const unseen = dead.filter((id) => !inQueue.has(id));
  const nameless = letters
    .filter(({ headers }) => !['x-reason', 'x-error', 'x-origin-queue'].every((name) => name in headers))
    .map(({ messageId }) => messageId);
  const wrong = [...expectedLetters].filter(
    ([mark, reason]) =>
      !letters.some(({ body, headers }) => body.includes(mark) && headers['x-reason'] === reason),
  );
  return [
    check('one row for each entity', statuses.size === rows.length, rows.length),
    check('no task has two ends', twice.length === 0, some(twice)),
    check('every dead task is in a dead-letter queue', unseen.length === 0, some(unseen)),
    check('every dead letter says why', nameless.length === 0, some(nameless)),
    ...(expectedLetters.size === 0
      ? []
      : [
          check(
            'each bad message is a dead letter with its reason',
            wrong.length === 0,
            some(wrong.map(([id, reason]) => `${id} ${reason}`)),
          ),
        ]),
  ];
}

/** The state of a job's task moves once, its counters with it, and the end of the job is told once. */
function jobs({ jobs: { tasks, secondEnds, miscounted, notEndedOnce } }: Ledgers): Check[] {
  return [
    check(
      'no task of a job has two terminal states',
      secondEnds.length === 0,
      `${some(secondEnds)} of ${tasks}`,
    ),
    check('counters of jobs equal a recount', miscounted.length === 0, some(miscounted)),
    check('every job ends, and says so once', notEndedOnce.length === 0, some(notEndedOnce)),
  ];
}

/** What the providers saw. Requests that a fault of the provider spoiled are made again on purpose and do not count. */
function requests(ledgers: Ledgers, allows: Allowance): Check[] {
  const { requests: log, figures, redelivered, withoutRedis } = ledgers;
  const all = [...figures.values()];
  const violations = sum(all.map((one) => one.violations));
  const early = sum(all.map((one) => one.before_retry_after));
  const repeated = repeatedRequests(log);
  const again = sum(providerQueues(redelivered).values());
  const seen = sum(all.map((one) => one.requests + one.token_requests));
  return [
    check(
      'no request above a limit',
      violations === 0 || allows.limitExcess === true,
      `${violations} of ${seen}`,
    ),
    check('no request before a Retry-After is over', early === 0, early),
    ...(allows.cacheLoss === true
      ? []
      : [
          check(
            'nothing is looked up again but what was redelivered',
            repeated.length <= again + withoutRedis,
            `${some(repeated)}; redelivered there ${again}, without Redis ${withoutRedis}`,
          ),
        ]),
    // Beyond its size the sandbox forgets the oldest, and with them what was asked twice.
    check('the request log is whole', log.length < LOG_SIZE, `${log.length} of at most ${LOG_SIZE}`),
  ];
}

/** A broker, a database or a worker that breaks costs a task time, and neither attempts nor providers. */
function untouchedByInfrastructure({ rows, letters, expectedLetters }: Ledgers): Check[] {
  const marks = [...expectedLetters.keys()];
  const dead = letters.filter(({ body }) => !marks.some((mark) => body.includes(mark)));
  const partial = rows.filter(({ missing }) => missing.length > 0).map(({ id }) => id);
  return [
    check('no task dies of it', dead.length === 0, some(dead.map(({ messageId }) => messageId))),
    check('no provider is given up on', partial.length === 0, some(partial)),
  ];
}

/** URLs of good answers, once for each time that they were asked for again. */
export function repeatedRequests(log: readonly LoggedRequest[]): string[] {
  const seen = new Set<string>();
  const repeated: string[] = [];
  for (const { url, status, fault } of log) {
    if (status !== 200 || fault !== undefined || url.includes('/api/token')) continue;
    if (seen.has(url)) repeated.push(url);
    seen.add(url);
  }
  return repeated;
}

function providerQueues(byQueue: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const prefixes = listProviders().map((name) => `${providerPrefix(name)}_`);
  return new Map([...byQueue].filter(([queue]) => prefixes.some((prefix) => queue.startsWith(prefix))));
}

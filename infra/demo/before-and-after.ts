/** Five records as they were submitted, and what they became. */
import type { EnrichedRow } from './results.ts';
import type { RunResult } from './run-result.ts';
import type { Style } from './style.ts';

const SHOWN = 5;
const WIDTH = 76;

interface Example {
  readonly before: string;
  readonly after: readonly string[];
}

/** Those whose title the services write otherwise: what was dirty is what shows best. Nothing when nothing was enriched. */
export function beforeAndAfter({ state, rows }: RunResult, style: Style): string[] {
  const byPipeline = state.publications.map(({ source, rows: published }) => {
    const isCleaned = ({ id, enriched }: EnrichedRow): boolean =>
      words(enriched['title']) !== words(published.get(id)?.title);
    return [...(rows.get(source.pipeline.name) ?? [])]
      .sort((a, b) => Number(isCleaned(b)) - Number(isCleaned(a)) || a.id.localeCompare(b.id))
      .slice(0, SHOWN)
      .map((row): Example => ({ before: published.get(row.id)?.label ?? '', after: describe(row) }));
  });
  const examples = interleaved(byPipeline).slice(0, SHOWN);
  if (examples.length === 0) return [];
  const lines = examples.map(({ before, after }) =>
    [`  ${style.dim(fitted(before))}`, ...after.map((line) => `    ${fitted(line)}`)].join('\n'),
  );
  return ['Before and after', ...lines];
}

const words = (value: unknown): string => String(value).toLowerCase();

/** What most people look for first, in two lines: who, what and when, then the rest. */
function describe({ enriched, api, confidence }: EnrichedRow): string[] {
  const { title, artist, album, release_date: released, duration_ms: ms, year } = enriched;
  const head = [artist, title].filter(isText).join(' - ');
  const facts = [
    isText(album) ? `on ${album}` : undefined,
    isText(released) ? released : typeof year === 'number' ? String(year) : undefined,
    typeof ms === 'number' ? minutes(ms) : undefined,
    listOf(enriched['directors'], 1),
    listOf(enriched['genres'], 2),
    listOf(enriched['cast'], 2),
  ];
  const source = `${api} ${Math.round(confidence * 100)} %`;
  return [head, [...facts.filter(isText), source].join(' · ')];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const minutes = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;

/** Of texts, or of objects their names. */
function listOf(value: unknown, count: number): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.map((one: unknown) => (isNamed(one) ? one.name : one)).filter(isText);
  return names.slice(0, count).join(', ');
}

const isNamed = (value: unknown): value is { name: unknown } =>
  typeof value === 'object' && value !== null && 'name' in value;

const fitted = (text: string): string => (text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`);

function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

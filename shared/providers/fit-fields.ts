import type { Fields, Json } from '../task/task.ts';

/** Text up to here is never cut: ids, names and URLs are worthless when shortened. */
const SHORT_TEXT = 512;
const MAX_DEPTH = 6;

/**
 * The fields of a candidate, fit to be stored and carried in a message: clean text, no deeper than six levels, at most
 * `maxBytes` as JSON in UTF-8. What is too large is cut where it is largest: long text and lists are halved, anything
 * else is left out, so that one boundless value does not cost the whole answer.
 */
export function fitFields(fields: Fields, maxBytes: number): Fields {
  const fitted: Record<string, Json> = {};
  const sizes = new Map<string, number>();
  for (const [name, value] of Object.entries(fields)) keep(name, cleanJson(value, 1));
  let total = 2 + [...sizes.values()].reduce((sum, size) => sum + size, 0);
  while (total > maxBytes) {
    const [name, size] = [...sizes].reduce((largest, next) => (next[1] > largest[1] ? next : largest));
    const smaller = halve(fitted[name]);
    sizes.delete(name);
    Reflect.deleteProperty(fitted, name);
    if (smaller !== undefined) keep(name, smaller);
    total += (sizes.get(name) ?? 0) - size;
  }
  return fitted;

  function keep(name: string, value: Json): void {
    fitted[name] = value;
    sizes.set(name, Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(value)) + 2);
  }
}

/**
 * Text without what databases, terminals and logs choke on: control characters but line feed and tab, halves of
 * surrogate pairs. In composed form.
 */
export function cleanText(raw: string): string {
  return raw
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .normalize('NFC')
    .trim();
}

function cleanJson(value: Json, depth: number): Json {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [cleanText(name), cleanJson(item, depth + 1)]),
  );
}

/** Undefined when there is no sensible half. */
function halve(value: Json | undefined): Json | undefined {
  if (typeof value === 'string' && value.length > SHORT_TEXT) {
    return `${value.slice(0, Math.floor(value.length / 2) - 1).replace(/\p{Surrogate}$/u, '')}…`;
  }
  if (Array.isArray(value) && value.length > 1) return value.slice(0, Math.floor(value.length / 2));
  return undefined;
}

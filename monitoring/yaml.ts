/** Plain data as block-style YAML: enough for files of Prometheus, and always the same text for the same data. */

export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml | undefined };

/** Ends with a line break. Entries that are undefined are left out. */
export const toYaml = (value: Yaml): string => `${linesOf(value).join('\n')}\n`;

function linesOf(value: Yaml): string[] {
  if (isList(value)) return value.flatMap((item) => nested('-', item));
  if (typeof value !== 'object') return [scalar(value)];
  return Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : isEmpty(item) ? [`${scalar(key)}: []`] : keyed(scalar(key), item),
  );
}

function keyed(key: string, item: Yaml): string[] {
  if (typeof item !== 'object') return [`${key}: ${scalar(item)}`];
  return [`${key}:`, ...linesOf(item).map((line) => `  ${line}`)];
}

function nested(mark: string, item: Yaml): string[] {
  const [first = '', ...rest] = linesOf(item);
  return [`${mark} ${first}`, ...rest.map((line) => `  ${line}`)];
}

const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value);
const isEmpty = (value: Yaml): boolean => isList(value) && value.length === 0;

/** What could be read as something else, or breaks the syntax, stands in quotes. */
function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[A-Za-z_/][\w./ -]*$/.test(value) && !/^(true|false|yes|no|on|off|null)$/i.test(value);
  return isPlain && value === value.trim() ? value : `'${value.replaceAll("'", "''")}'`;
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../../shared/input/raw-row.ts';
import { pipelines } from '../../../shared/pipelines/registry.ts';
import type { DeadLetterFilter } from '../../../shared/task/dead-letter-filter.ts';

export interface FilterFlags {
  readonly pipeline?: string;
  readonly group?: string;
  readonly provider?: string;
  readonly reason?: string;
  readonly since?: number;
  readonly grep?: string;
}

/** The options that say which dead letters are meant, alike for all commands. */
export const addFilterOptions = (command: Command): Command =>
  command
    .addOption(new Option('--pipeline <name>', 'of this pipeline').choices(pipelines.map(({ name }) => name)))
    .option(
      '--group <fingerprint>',
      'with this cause, see `enrich dlq groups`; its beginning will do',
      parseGroup,
    )
    .option('--provider <name>', 'given up on because of this provider')
    .option('--reason <word>', 'providers_failed, invalid, not_json, refused_row, poison, …')
    .option('--since <when>', 'dead since then: 30m, 2h, 7d, or a date', parseSince)
    .option('--grep <text>', 'with this text in the error or the body, whatever its case');

export const addAllOption = (command: Command): Command =>
  command.option('--all', 'every dead letter, where nothing narrows it down');

export function filterOf(flags: FilterFlags): DeadLetterFilter {
  const { pipeline, group, provider, reason, since, grep } = flags;
  return {
    ...(pipeline !== undefined && { pipeline }),
    ...(group !== undefined && { group }),
    ...(provider !== undefined && { provider }),
    ...(reason !== undefined && { reason }),
    ...(since !== undefined && { since }),
    ...(grep !== undefined && { grep }),
  };
}

/** The filter of a command that changes something: everything is meant only when it is said. Throws InputError. */
export function wantedOf(flags: FilterFlags & { readonly all?: boolean }): DeadLetterFilter {
  const filter = filterOf(flags);
  const narrows = Object.keys(filter).some((name) => name !== 'pipeline');
  if (!narrows && flags.all !== true) {
    throw new InputError(
      'which dead letters? Say --group, --provider, --reason, --since or --grep, or --all',
    );
  }
  return filter;
}

function parseGroup(raw: string): string {
  if (/^[0-9a-f]{4,12}$/.test(raw)) return raw;
  throw new InvalidArgumentError('Expected 4 to 12 hexadecimal digits.');
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Epoch milliseconds. */
function parseSince(raw: string): number {
  const [, amount, unit = ''] = /^(\d+)([mhd])$/.exec(raw) ?? [];
  const at = amount === undefined ? Date.parse(raw) : Date.now() - Number(amount) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(at))
    throw new InvalidArgumentError('Expected a time such as 30m, 2h, 7d or 2031-05-01T12:00Z.');
  return at;
}

export function parseCount(raw: string): number {
  const count = Number(raw);
  if (/^\d+$/.test(raw) && count > 0) return count;
  throw new InvalidArgumentError('Expected a number from 1 on.');
}

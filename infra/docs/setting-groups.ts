/** The settings of all processes, each key once, in the order in which somebody reads them. */
import type { Setting } from '../../shared/runtime/environment.ts';
import type { ProcessSettings, ProviderSettings } from './process-settings.ts';

export interface DocumentedSetting {
  readonly key: string;
  readonly doc: string;
  /** Absent = every process that reads it requires it. */
  readonly default?: string;
  readonly expected: string;
  readonly secret: boolean;
  readonly readBy: readonly string[];
  /** Processes that have no default for it where others have one. */
  readonly requiredBy: readonly string[];
}

export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly DocumentedSetting[];
  readonly isAssigned?: boolean;
}

/** The process that asks providers. */
const PROVIDER_READER = 'worker';

/**
 * What several processes read comes first, then a group for each process with what it alone reads, then one for each
 * provider. Throws when two processes read one key in different ways: an operator gives it one value.
 */
export function settingGroups(
  processes: readonly ProcessSettings[],
  providers: readonly ProviderSettings[],
): readonly SettingGroup[] {
  const all = documented(
    processes.flatMap(({ process, settings }) =>
      Object.values(settings).map((setting) => ({ process, setting })),
    ),
  );
  const shared = all.filter(({ readBy }) => readBy.length > 1);
  const groups = [
    { title: 'Shared by several processes', settings: shared },
    ...processes.map(({ process, isAssigned = false }) => ({
      title: `${process} alone`,
      isAssigned,
      settings: all.filter(({ readBy }) => readBy.length === 1 && readBy[0] === process),
    })),
    ...providers.map(({ title, settings }) => ({
      title,
      settings: documented(Object.values(settings).map((setting) => ({ process: PROVIDER_READER, setting }))),
    })),
  ];
  return groups.filter(({ settings }) => settings.length > 0);
}

interface Reading {
  readonly process: string;
  readonly setting: Setting<unknown>;
}

function documented(readings: readonly Reading[]): DocumentedSetting[] {
  const keys = new Set(readings.map(({ setting }) => setting.key));
  return [...keys].map((key) => merged(readings.filter(({ setting }) => setting.key === key)));
}

function merged(readings: readonly Reading[]): DocumentedSetting {
  const withDefault = readings.filter(({ setting }) => setting.default !== undefined);
  const first = withDefault[0] ?? readings[0];
  if (first === undefined) throw new Error('a key without a reader');
  const { key, doc, expected, secret, default: value } = first.setting;
  for (const { process, setting } of readings) {
    if (setting.expected !== expected || setting.secret !== secret) {
      throw new Error(`${key}: ${process} and ${first.process} read it in different ways`);
    }
  }
  const processes = readings.map(({ process }) => process);
  const required = readings.filter(({ setting }) => setting.default === undefined);
  return {
    key,
    doc,
    expected,
    secret,
    readBy: processes,
    requiredBy: withDefault.length === 0 ? [] : required.map(({ process }) => process),
    ...(value === undefined ? {} : { default: value }),
  };
}

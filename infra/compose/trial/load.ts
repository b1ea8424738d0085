import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

const TRACKS = join(import.meta.dirname, '..', '..', '..', 'examples', 'tracks.csv');

interface Track {
  readonly artist: string;
  readonly title: string;
}

const examples = (): readonly Track[] => parse(readFileSync(TRACKS), { columns: true, bom: true });

/** Writes tracks that nobody has asked for yet, so that each is looked up. Their ids begin with the name. */
export function writeLoad(file: string, name: string, count: number): void {
  const tracks = examples();
  const wanted = Array.from({ length: count }, (_, index) => {
    const { artist = '', title = '' } = tracks[index % tracks.length] ?? {};
    return { artist, title: `${title} ${name} ${index}` };
  });
  const lines = wanted.map(({ artist, title }, index) =>
    [`${name}-${index}`, artist, title].map(quoted).join(','),
  );
  writeFileSync(file, ['track_id,artist,title', ...lines, ''].join('\n'));
}

/** examples/tracks.csv under other ids: when those were enriched, every answer is cached, for whom all columns are the same. */
export function writeKnown(file: string, name: string): void {
  writeFileSync(file, readFileSync(TRACKS, 'utf8').replaceAll(/^track-/gm, `${name}-`));
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

const TRACKS = join(import.meta.dirname, '..', '..', '..', 'examples', 'tracks.csv');

/** Writes tracks that nobody has asked for yet, so that each is looked up. Their ids begin with the name. */
export function writeLoad(file: string, name: string, count: number): void {
  const tracks = parse<{ artist: string; title: string }>(readFileSync(TRACKS), { columns: true, bom: true });
  const lines = Array.from({ length: count }, (_, index) => {
    const { artist = '', title = '' } = tracks[index % tracks.length] ?? {};
    return [`${name}-${index}`, artist, `${title} ${name} ${index}`].map(quoted).join(',');
  });
  writeFileSync(file, ['track_id,artist,title', ...lines, ''].join('\n'));
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

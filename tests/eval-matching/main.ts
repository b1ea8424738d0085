/** `npm run -s eval:matching -- [--data <file>] [--seed <n>] [--part <i>/<n>] [--verbose] [--json]` */
import { parseArgs } from 'node:util';
import { ownCatalogue, readCatalogue } from './catalogue.ts';
import { evaluateMovies } from './evaluate-movies.ts';
import { evaluateTracks } from './evaluate-tracks.ts';
import { movieReport, trackReport } from './report.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    seed: { type: 'string', default: '1' },
    part: { type: 'string', default: '1/1' },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** A slice of the questions, for calibrating on one and checking on another; the catalogue stays whole. */
function isInPart(index: number): boolean {
  const [part = 1, parts = 1] = values.part.split('/').map(Number);
  return index % parts === part - 1;
}

const all = values.data === undefined ? ownCatalogue() : readCatalogue(values.data);
const asked = all.map((track, index) => ({ ...track, isAsked: track.isAsked && isInPart(index) }));
const seed = Number(values.seed);
const tracks = evaluateTracks(asked, seed);
const movies = values.data === undefined ? evaluateMovies(seed) : undefined;
if (values.json) {
  process.stdout.write(`${JSON.stringify({ tracks, ...(movies && { movies }) })}\n`);
} else {
  process.stdout.write(trackReport(tracks, values.verbose));
  if (movies) process.stdout.write(`\n${movieReport(movies, values.verbose)}`);
}

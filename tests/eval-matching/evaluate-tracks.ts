import type { TrackCandidate, TrackQuery } from '../../shared/matching/candidate.ts';
import { judgeTrack } from '../../shared/matching/tracks.ts';
import type { CatalogueTrack } from './catalogue.ts';
import { seeded } from './random.ts';
import { Search } from './search.ts';
import { tallyUp, type Question, type Tallies } from './tally.ts';
import { APART, DEGRADATIONS, queryFor } from './track-questions.ts';

export interface TrackEvaluation {
  readonly present: Tallies;
  /** The same questions with the right answers taken out of the catalogue. */
  readonly absent: Tallies;
}

export function evaluateTracks(catalogue: readonly CatalogueTrack[], seed: number): TrackEvaluation {
  const search = new Search(catalogue, ({ candidate }) => `${candidate.artist} ${candidate.title}`);
  return {
    present: tallyUp(questions(catalogue, search, seeded(seed), false)),
    absent: tallyUp(questions(catalogue, search, seeded(seed), true)),
  };
}

function* questions(
  catalogue: readonly CatalogueTrack[],
  search: Search<CatalogueTrack>,
  random: () => number,
  isAbsent: boolean,
): Generator<Question<TrackCandidate>> {
  for (const track of catalogue) {
    if (!track.isAsked) continue;
    for (const [degradation, degrade] of Object.entries({ ...DEGRADATIONS, ...APART })) {
      const query = degrade(queryFor(track.candidate), track.candidate, random);
      if (query === undefined) continue;
      const isRight = (candidate: TrackCandidate): boolean => track.isAsRight(candidate);
      yield {
        degradation,
        label: describe(query),
        judge: () => {
          const found = search.find(
            `${query.artist} ${query.title}`,
            ({ candidate }) => isAbsent && track.isSameSong(candidate),
          );
          return judgeTrack(
            query,
            found.map(({ candidate }) => candidate),
          );
        },
        isRight: (candidate) => !isAbsent && isRight(candidate),
        describe: (candidate) => describe(candidate),
      };
    }
  }
}

function describe(track: TrackQuery | TrackCandidate): string {
  const length = track.durationMs === undefined ? '' : ` [${Math.round(track.durationMs / 1_000)} s]`;
  const comment = 'disambiguation' in track ? ` {${track.disambiguation ?? ''}}` : '';
  return `${track.artist} - ${track.title}${comment}${length}`;
}

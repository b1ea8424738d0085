import type { TrackCandidate, TrackQuery } from '../../shared/matching/candidate.ts';
import { judgeTrack } from '../../shared/matching/tracks.ts';
import type { CatalogueTrack } from './catalogue.ts';
import { seeded } from './random.ts';
import { plain, Search } from './search.ts';
import { tallyUp, type Question, type Tallies } from './tally.ts';
import {
  ANOTHER_SCRIPT,
  APART,
  BASE_TITLE,
  DEGRADATIONS,
  queryFor,
  SHARED_BASE_TITLE,
  TRAILING_PART,
} from './track-questions.ts';

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
    const asked = queryFor(track.candidate);
    for (const [degradation, degrade] of Object.entries({ ...DEGRADATIONS, ...APART })) {
      const query = degrade(asked, track.candidate, random);
      if (query === undefined) continue;
      const isRight = (candidate: TrackCandidate): boolean => track.isAsRight(candidate);
      const isShared =
        degradation === BASE_TITLE &&
        query.title !== asked.title &&
        namesSeveral(query.title, track, catalogue);
      // Services know names in other scripts as aliases; what they show is still the original.
      const words = degradation === ANOTHER_SCRIPT ? asked : query;
      yield {
        degradation: isShared ? SHARED_BASE_TITLE : degradation,
        label: describe(query),
        judge: () => {
          const found = search.find(
            `${words.artist} ${words.title}`,
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

/** Whether the shortened title fits another song of the artist as well: then nobody can say which is meant. */
function namesSeveral(title: string, track: CatalogueTrack, catalogue: readonly CatalogueTrack[]): boolean {
  const base = plain(title);
  return catalogue.some(
    ({ candidate }) =>
      candidate.artist === track.candidate.artist &&
      !track.isSameSong(candidate) &&
      plain(candidate.title.replace(TRAILING_PART, '')) === base,
  );
}

function describe(track: TrackQuery | TrackCandidate): string {
  const length = track.durationMs === undefined ? '' : ` [${Math.round(track.durationMs / 1_000)} s]`;
  const comment = 'disambiguation' in track ? ` {${track.disambiguation ?? ''}}` : '';
  return `${track.artist} - ${track.title}${comment}${length}`;
}

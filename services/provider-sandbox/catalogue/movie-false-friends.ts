import { between, fraction } from '../random.ts';
import { yearOf } from './movie.ts';
import type { Movie, MovieIds } from './movie.ts';
import { folded } from './text-index.ts';

/**
 * Movies that are found beside the right one: a remake, another film of that name, a sequel, the making of it, a film that
 * has the title within its own. A client that takes the first result, or the most popular one, is wrong about some.
 */
interface Friend {
  readonly kind: string;
  readonly title: (title: string) => string;
  /** Added to the year of the original. */
  readonly years: readonly [from: number, to: number];
  /** Popularity and votes in parts of the original's. */
  readonly fame: number;
  /** Share of the known movies that have such a friend. */
  readonly share: number;
}

const FRIENDS: readonly Friend[] = [
  { kind: 'remake', title: (title) => title, years: [9, 30], fame: 1.6, share: 0.7 },
  { kind: 'namesake', title: (title) => title, years: [-34, -6], fame: 0.08, share: 0.75 },
  { kind: 'sequel', title: (title) => `${title} II`, years: [2, 5], fame: 0.7, share: 0.9 },
  { kind: 'making-of', title: (title) => `The Making of ${title}`, years: [0, 1], fame: 0.04, share: 1 },
  {
    kind: 'subtitle',
    title: (title) => `${title}: The Untold Story`,
    years: [-2, 12],
    fame: 0.1,
    share: 0.65,
  },
];

/** Movies with fewer votes get one or two false friends; the others at least three. */
const COMMON_VOTES = 600;
const LEAST_FRIENDS = 3;
/** Nearer than this to a year that a row asks for, a film of the same name would be as right as the original. */
const CLEAR_YEARS = 3;
const FIRST_YEAR = 1_915;

/** `askedYears` are the years that the data set gives a title, errors included. */
export function falseFriends(
  originals: readonly Movie[],
  askedYears: ReadonlyMap<string, readonly number[]>,
  ids: MovieIds,
): Movie[] {
  const friends: Movie[] = [];
  for (const movie of originals) {
    const chosen = choose(movie);
    for (const friend of chosen) {
      const title = friend.title(movie.title);
      const asked = [title, title.replace(/ II$/, ' 2')].flatMap((one) => askedYears.get(folded(one)) ?? []);
      const year = freeYear(movie, friend, asked);
      friends.push(friendOf(movie, friend, year, ids));
    }
  }
  return friends;
}

function choose(movie: Movie): readonly Friend[] {
  const lot = (friend: Friend): number => fraction(`${friend.kind}:${movie.id}`);
  if (movie.votes < COMMON_VOTES) return FRIENDS.filter((friend) => lot(friend) < friend.share * 0.4);
  const drawn = FRIENDS.filter((friend) => lot(friend) < friend.share);
  const rest = FRIENDS.filter((friend) => !drawn.includes(friend));
  return [...drawn, ...rest.slice(0, Math.max(0, LEAST_FRIENDS - drawn.length))];
}

/** The year nearest to one drawn within the friend's range that no row asks for. */
function freeYear(movie: Movie, friend: Friend, asked: readonly number[]): number {
  const original = yearOf(movie.releaseDate) ?? 2_000;
  const drawn = original + between(`${friend.kind}-year:${movie.id}`, friend.years[0], friend.years[1]);
  for (let step = 0; ; step += 1) {
    const free = [drawn + step, drawn - step].find(
      (year) => year > FIRST_YEAR && asked.every((one) => Math.abs(one - year) >= CLEAR_YEARS),
    );
    if (free !== undefined) return free;
  }
}

function friendOf(movie: Movie, friend: Friend, year: number, ids: MovieIds): Movie {
  const title = friend.title(movie.title);
  const id = ids.next(`${friend.kind}|${movie.id}`);
  const obscure = friend.fame < 0.2;
  const undated = obscure && fraction(`undated:${id}`) < 0.1;
  const month = String(between(`month:${id}`, 1, 12)).padStart(2, '0');
  const foreign = friend.kind === 'namesake' && fraction(`foreign:${id}`) < 0.4;
  return {
    id,
    imdbId: obscure && fraction(`no-imdb:${id}`) < 0.3 ? null : ids.nextImdb(`${friend.kind}|${movie.id}`),
    title,
    originalTitle: foreign ? `${title} (${id % 2 === 0 ? 'El otro' : 'L’autre'})` : title,
    originalLanguage: foreign ? (id % 2 === 0 ? 'es' : 'fr') : 'en',
    releaseDate: undated ? '' : `${year}-${month}-${String(between(`day:${id}`, 1, 28)).padStart(2, '0')}`,
    popularity: Math.round(movie.popularity * friend.fame * (0.5 + fraction(`pop:${id}`)) * 1_000) / 1_000,
    votes: Math.round(movie.votes * friend.fame * 0.3 * fraction(`crowd:${id}`)),
    rating: between(`rating:${id}`, 30, 75) / 10,
    runtimeMin: obscure
      ? id % 3 === 0
        ? null
        : between(`runtime:${id}`, 0, 70)
      : between(`runtime:${id}`, 84, 130),
    certification: obscure ? '' : movie.certification,
    ...(movie.genre === undefined
      ? {}
      : { genre: friend.kind === 'making-of' ? 'Documentary' : movie.genre }),
    budget: 0,
    revenue: 0,
    hasPoster: !obscure,
  };
}

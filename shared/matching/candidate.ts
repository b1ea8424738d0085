import type { Candidate } from '../task/answer.ts';

/** What is known of the track that we look for. */
export interface TrackQuery {
  readonly artist: string;
  readonly title: string;
  readonly album?: string;
  /** Upper case, without dashes. */
  readonly isrc?: string;
  readonly durationMs?: number;
}

export interface TrackCandidate extends Candidate {
  /** As displayed: "Queen & David Bowie". */
  readonly artist: string;
  /** Main artist first. */
  readonly artists: readonly string[];
  /** A comment that tells versions apart ("live, 1996-08-14"), where the provider keeps it out of the title. */
  readonly disambiguation?: string;
  readonly album?: string;
  readonly durationMs?: number;
  /** Upper case, without dashes. */
  readonly isrcs: readonly string[];
  /** `2017`, `2017-07` or `2017-07-21`. */
  readonly releaseDate?: string;
  /** Where it was released, if known: what the choice among equals prefers. */
  readonly official?: boolean;
  readonly releaseType?: 'album' | 'single' | 'ep' | 'compilation' | 'live' | 'other';
  /** Any scale, compared only among candidates of one answer. */
  readonly popularity?: number;
}

/** What is known of the movie that we look for. */
export interface MovieQuery {
  readonly title: string;
  readonly year?: number;
  readonly imdbId?: string;
  readonly runtimeMin?: number;
  readonly director?: string;
}

export interface MovieCandidate extends Candidate {
  /** Original and alternative titles: equal to any of them is equal. */
  readonly otherTitles: readonly string[];
  readonly year?: number;
  readonly imdbId?: string;
  readonly runtimeMin?: number;
  readonly directors?: readonly string[];
  readonly votes?: number;
  readonly popularity?: number;
}

/** The services that the sandbox stands in for. */
export const PROVIDERS = ['spotify', 'musicbrainz', 'coverartarchive', 'deezer', 'lastfm', 'tmdb'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

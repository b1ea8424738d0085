import { verdictTime } from './result.ts';

const answers = { spotify: { fetchedAt: 100 }, lastfm: { fetchedAt: 300 } };

describe('the time of a verdict', () => {
  test('is when the newest answer was fetched, however late the task is settled', () => {
    expect(verdictTime({ answers, failed: {}, skipped: {} }, 9_000)).toBe(300);
  });

  test('is now when a provider failed or was passed over, since the answers do not tell that', () => {
    expect(verdictTime({ answers, failed: { tmdb: 'unavailable' }, skipped: {} }, 9_000)).toBe(9_000);
    expect(verdictTime({ answers, failed: {}, skipped: { tmdb: 'paused' } }, 9_000)).toBe(9_000);
  });

  test('is now when nobody answered', () => {
    expect(verdictTime({ answers: {}, failed: {}, skipped: {} }, 9_000)).toBe(9_000);
  });
});

import { artistDistance } from './artists.ts';

const candidate = (...artists: string[]) => ({ artist: artists.join(' & '), artists });

test.each([
  ['The Beatles', ['Beatles']],
  ['JAY Z', ['Jay-Z']],
  ['Beyonce', ['Beyoncé']],
  ['Earth, Wind & Fire', ['Earth, Wind & Fire']],
])('%s is %j', (query, artists) => {
  expect(artistDistance(query, candidate(...artists))).toBe(0);
});

test.each([
  ['guests left out', 'Ada Quill', ['Ada Quill', 'Milo Tarn']],
  ['guests added', 'Ada Quill feat. Milo Tarn', ['Ada Quill']],
  ['another order', 'Milo Tarn & Ada Quill', ['Ada Quill', 'Milo Tarn']],
  ['a misspelling', 'Ada Qiull', ['Ada Quill']],
  ['another script', 'Kino', ['Кино']],
])('%s is near', (_case, query, artists) => {
  expect(artistDistance(query, candidate(...artists))).toBeLessThanOrEqual(0.15);
});

test.each([
  ['another artist', 'Ada Quill', ['Karaoke Superstars']],
  ['letters alike by chance', 'Mart’nália', ['Marina Lima']],
  ['a member of the band', 'Quill & Tarn', ['Paula Tarnowska']],
])('%s is far', (_case, query, artists) => {
  expect(artistDistance(query, candidate(...artists))).toBeGreaterThan(0.5);
});

test('a longer name is neither near nor ruled out', () => {
  const distance = artistDistance('Beethoven', candidate('Ludwig van Beethoven'));
  expect(distance).toBeGreaterThan(0.3);
  expect(distance).toBeLessThan(0.5);
});

import { atMost, baseTitle, songTitle, withoutGuests } from './search-text.ts';

describe('songTitle', () => {
  it.each([
    ['Strobe', 'Strobe'],
    ['Deadmau5 - Strobe', 'Strobe'],
    ['Strobe (feat. Somebody)', 'Strobe'],
    ['Strobe - 2011 Remaster', 'Strobe'],
    ['Strobe (Live at Home)', 'Strobe (Live at Home)'],
    ['Strobe (Somebody Remix) [feat. Else]', 'Strobe (Somebody Remix)'],
    ['Ghosts (For Ada)', 'Ghosts (For Ada)'],
  ])('reads %s as %s', (title, expected) => {
    expect(songTitle({ artist: 'deadmau5', title })).toBe(expected);
  });
});

describe('baseTitle', () => {
  it.each([
    ['Strobe (Live at Home) - 2011 Remaster', 'Strobe'],
    ['Ghosts (For Ada)', 'Ghosts'],
    ['(Intro)', '(Intro)'],
    ['糸', '糸'],
  ])('reads %s as %s', (title, expected) => {
    expect(baseTitle(title)).toBe(expected);
  });
});

describe('withoutGuests', () => {
  it.each([
    ['Mira feat. Ivo', 'Mira'],
    ['Mira (ft. Ivo) & Ada', 'Mira & Ada'],
    ['Featherweight', 'Featherweight'],
    ['feat. Ivo', 'feat. Ivo'],
  ])('reads %s as %s', (artist, expected) => {
    expect(withoutGuests(artist)).toBe(expected);
  });
});

describe('atMost', () => {
  it('cuts between words, and inside a word that is most of the text', () => {
    expect(atMost('glass harbour', 50)).toBe('glass harbour');
    expect(atMost('glass harbour', 10)).toBe('glass');
    expect(atMost('glass harbour lights', 13)).toBe('glass harbour');
    expect(atMost('a unbelievablylongword', 10)).toBe('a unbeliev');
  });
});

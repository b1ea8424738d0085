import { normalIsrc, partialDate, secureUrl } from './wire-text.ts';

describe('partialDate', () => {
  it.each([
    ['1981-12-15', '1981-12-15'],
    ['1981-12', '1981-12'],
    ['1981', '1981'],
    ['1981-00-00', '1981'],
    ['1981-12-00', '1981-12'],
    ['1981-13-01', '1981'],
  ])('reads %s as %s', (raw, expected) => {
    expect(partialDate(raw)).toBe(expected);
  });

  it.each(['', '0000', '0000-00-00', '81', 'soon', '1981-12-15T00:00:00Z', null, undefined])(
    'ignores %s',
    (raw) => {
      expect(partialDate(raw)).toBeUndefined();
    },
  );
});

describe('normalIsrc', () => {
  it('reads codes as catalogues print them', () => {
    expect(normalIsrc('gb-smu-45-66095')).toBe('GBSMU4566095');
    expect(normalIsrc(' GB SMU 45 66095 ')).toBe('GBSMU4566095');
  });

  it.each(['', 'GBSMU456609', '12SMU4566095', null, undefined])('ignores %s', (raw) => {
    expect(normalIsrc(raw)).toBeUndefined();
  });
});

describe('secureUrl', () => {
  it('keeps https and upgrades http', () => {
    expect(secureUrl('https://music.example/a?b=1')).toBe('https://music.example/a?b=1');
    expect(secureUrl('http://music.example/a')).toBe('https://music.example/a');
  });

  it.each(['', '/relative', 'javascript:alert(1)', 'data:text/html,x', 'https://', null, undefined])(
    'ignores %s',
    (raw) => {
      expect(secureUrl(raw)).toBeUndefined();
    },
  );
});

import { allows, hashSecret, isSecret, keyText, makeKey, parseKey } from './api-key.ts';

test('a key is read back as its two parts', () => {
  const key = makeKey();
  expect(parseKey(keyText(key))).toEqual(key);
});

test.each(['', 'enr_', 'enr_short_x', `enr_12345678_${'a'.repeat(42)}`, `enr_1234567!_${'a'.repeat(43)}`])(
  "'%s' is no key",
  (text) => {
    expect(parseKey(text)).toBeUndefined();
  },
);

test('two keys have nothing in common', () => {
  const keys = Array.from({ length: 100 }, makeKey);
  expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(100);
  expect(new Set(keys.map(({ secret }) => secret)).size).toBe(100);
});

test('a secret is known by its hash alone, and no secret is that of a key that does not exist', () => {
  const { secret } = makeKey();
  expect(isSecret(secret, hashSecret(secret))).toBe(true);
  expect(isSecret(secret, hashSecret(makeKey().secret))).toBe(false);
  expect(isSecret(secret, undefined)).toBe(false);
});

test('a scope may do what the scopes before it may', () => {
  expect(allows('admin', 'viewer')).toBe(true);
  expect(allows('operator', 'operator')).toBe(true);
  expect(allows('viewer', 'operator')).toBe(false);
});

type Known<T> = { [Name in keyof T]?: Exclude<T[Name], null | undefined | ''> };

/**
 * Leaves out what a service did not tell: undefined, null, an empty text, an empty list. A field that is absent can be
 * filled by another provider; one that says "nothing" would stand in its way.
 */
export function known<T extends object>(values: T): Known<T> {
  const told = Object.entries(values).filter(
    ([, value]) =>
      value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(told) as Known<T>;
}

import type { Json } from './fields.ts';

/**
 * JSON merge patch (RFC 7396): members of the patch replace those of the target, `null` removes one, objects are merged
 * in depth, everything else replaces as a whole. The target is not changed.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  // fromEntries and not assignment: `__proto__` is a member like any other.
  return Object.fromEntries(merged);
}

const isObject = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Which ids are easily taken for one another: arbitraries of names that collide when joined, cut or folded.

import fc from 'fast-check';

/** Signs that ids of this field are joined with, and that are legal within them. */
const SEPARATORS = ['-', '/', ':', '.', '@', '_', '=', '+', ' '] as const;

const word = fc.constantFrom('clinic', 'a', 'north', '1', 'tenant');

/** The longest that a tenant's id may be in a scenario. */
const ID_CHARACTERS_MAX = 128;

/**
 * Four different ids of tenants, each a trap for another: a prefix, the prefix with a separator, two
 * that join to the same text, another case, a look-alike of another script, the longest.
 */
export const tenantIds: fc.Arbitrary<readonly [string, string, string, string]> = fc
  .tuple(word, fc.constantFrom(...SEPARATORS))
  .chain(([base, sign]) =>
    fc
      .shuffledSubarray(
        [
          base,
          `${base}${sign}a`,
          `${base}${sign}a${sign}b`,
          `${base}a`,
          `${base}${sign}${sign}a`,
          base.toUpperCase(),
          `${base.charAt(0).toUpperCase()}${base.slice(1)}${sign}a`,
          `${base}${sign}\u0430`,
          `${base}${sign}1`,
          `${base}${sign}01`,
          `${base}${sign}${'x'.repeat(ID_CHARACTERS_MAX - base.length - 1)}`.slice(0, 40),
        ].filter((id, index, all) => id.trim() === id && all.indexOf(id) === index),
        { minLength: 4, maxLength: 4 },
      )
      .map((ids): readonly [string, string, string, string] => {
        const [one = 'a', two = 'b', three = 'c', four = 'd'] = ids;
        return [one, two, three, four];
      }),
  );

/** Ids of users that a separator may cut away from their tenant's, the same in every tenant. */
export const userIds: fc.Arbitrary<readonly string[]> = fc
  .constantFrom(...SEPARATORS)
  .map((sign) => ['x', `a${sign}x`, `b${sign}x`, 'X']);

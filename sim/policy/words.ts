// Which values are meant, in words: a list of texts, runs of numbers, what is absent.

import { isRecord } from '../domain/wire.ts';
import type { Dimension, Value } from './space.ts';

/** The values of a dimension at these indexes; `undefined` when it is all of them. */
export const wordsOf = (
  dimension: Dimension,
  chosen: readonly number[],
): readonly string[] | undefined => {
  if (chosen.length === dimension.values.length) return undefined;
  const values = chosen.flatMap((index) => dimension.alike[index] ?? []);
  const numbers = values.filter((value) => typeof value === 'number');
  const others = values.filter((value) => typeof value !== 'number').map(word);
  return [...runs(numbers, dimension), ...others.sort()];
};

const word = (value: Value): string => {
  if (value === undefined) return '(absent)';
  // Of a whole record only its presence is told apart; what stands in it has words of its own.
  if (isRecord(value)) return '(present)';
  if (typeof value !== 'string') return JSON.stringify(value);
  return value.startsWith('something else') ? '(anything else)' : value;
};

/** Numbers in a row of all that are told apart: `8 to 17`, `at most 7`, `at least 18`. */
const runs = (numbers: readonly number[], { alike }: Dimension): readonly string[] => {
  const all = alike
    .flat()
    .filter((value) => typeof value === 'number')
    .sort((a, b) => a - b);
  const wanted = new Set(numbers);
  const found: string[] = [];
  for (let index = 0; index < all.length; index += 1) {
    const from = index;
    while (index < all.length && wanted.has(all[index] ?? Number.NaN)) index += 1;
    if (index === from) continue;
    const [low, high] = [all[from], all[index - 1]];
    if (from === 0) found.push(`at most ${high}`);
    else if (index === all.length) found.push(`at least ${low}`);
    else found.push(low === high ? `${low}` : `${low} to ${high}`);
  }
  return found;
};

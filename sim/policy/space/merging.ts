// Which values does no policy tell apart after all, so that one of them can stand for the others?

import type { Table } from './answers.ts';
import type { Dimension } from './dimensions.ts';

export interface Merged {
  readonly dimensions: readonly Dimension[];
  readonly tables: readonly Table[];
}

/** Merges values with the same outcomes of every policy, whatever else is chosen; `apart` stay. */
export const merged = (
  dimensions: readonly Dimension[],
  tables: readonly Table[],
  apart: (dimension: Dimension) => boolean,
): Merged => {
  const classes = dimensions.map((dimension, index) =>
    apart(dimension)
      ? dimension.values.map((_, value) => [value])
      : classesOf(dimensions, tables, index).map((members) => absentFirst(dimension, members)),
  );
  const fewer = dimensions.map((dimension, index): Dimension => {
    const own = classes[index] ?? [];
    return {
      ...dimension,
      values: own.map(([first = 0]) => dimension.values[first]),
      alike: own.map((members) => members.map((value) => dimension.values[value])),
    };
  });
  return { dimensions: fewer, tables: tables.map((table) => shrunk(table, dimensions, classes)) };
};

/** What need not be there is left out, so that questions say no more than matters. */
const absentFirst = ({ values }: Dimension, members: readonly number[]): readonly number[] =>
  members.toSorted(
    (one, other) => Number(values[one] !== undefined) - Number(values[other] !== undefined),
  );

type Classes = readonly (readonly number[])[];

const classesOf = (
  dimensions: readonly Dimension[],
  tables: readonly Table[],
  index: number,
): Classes => {
  const readers = tables.filter(({ reads }) => reads.includes(index));
  const known = new Map<string, number[]>();
  for (const value of (dimensions[index]?.values ?? []).keys()) {
    const signature = readers.map((table) => column(table, dimensions, index, value)).join('|');
    const own = known.get(signature);
    if (own === undefined) known.set(signature, [value]);
    else own.push(value);
  }
  return [...known.values()];
};

/** The outcomes of a policy where one dimension has that value, as a text. */
const column = (
  { reads, outcomes }: Table,
  dimensions: readonly Dimension[],
  index: number,
  value: number,
): string => {
  const place = reads.indexOf(index);
  const count = (read: number): number => dimensions[read]?.values.length ?? 1;
  const inner = reads.slice(place + 1).reduce((size, read) => size * count(read), 1);
  const outer = reads.slice(0, place).reduce((size, read) => size * count(read), 1);
  const parts: string[] = [];
  for (let block = 0; block < outer; block += 1) {
    const from = (block * count(index) + value) * inner;
    parts.push(outcomes.subarray(from, from + inner).join(''));
  }
  return parts.join(',');
};

const shrunk = (
  table: Table,
  dimensions: readonly Dimension[],
  classes: readonly Classes[],
): Table => {
  const counts = table.reads.map((read) => classes[read]?.length ?? 1);
  const outcomes = new Uint8Array(counts.reduce((size, count) => size * count, 1));
  for (let index = 0; index < outcomes.length; index += 1) {
    let rest = index;
    const chosen = counts.toReversed().map((count) => {
      const own = rest % count;
      rest = Math.floor(rest / count);
      return own;
    });
    chosen.reverse();
    let from = 0;
    for (const [place, read] of table.reads.entries()) {
      const value = classes[read]?.[chosen[place] ?? 0]?.[0] ?? 0;
      from = from * (dimensions[read]?.values.length ?? 1) + value;
    }
    outcomes[index] = table.outcomes[from] ?? 0;
  }
  return { ...table, outcomes };
};

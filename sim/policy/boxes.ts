// How do hundreds of answers become a few sentences: points that differ in one dimension, joined.

/** Sets of values, one a dimension: all points that choose one of each. */
export type Box = readonly (readonly number[])[];

/** Joins points to boxes that hold all of them and nothing else. Dimensions are joined in order. */
export const boxesOf = (points: Iterable<readonly number[]>): readonly Box[] => {
  const first = [...points].map((point): Box => point.map((value) => [value]));
  const dimensions = first[0]?.length ?? 0;
  let boxes: readonly Box[] = [...new Map(first.map((box) => [JSON.stringify(box), box])).values()];
  for (let dimension = 0; dimension < dimensions; dimension += 1) {
    const joined = new Map<string, Box>();
    for (const box of boxes) {
      const key = JSON.stringify(box.with(dimension, []));
      const known = joined.get(key)?.[dimension] ?? [];
      const values = [...new Set([...known, ...(box[dimension] ?? [])])].sort((a, b) => a - b);
      joined.set(key, box.with(dimension, values));
    }
    boxes = [...joined.values()];
  }
  return boxes;
};

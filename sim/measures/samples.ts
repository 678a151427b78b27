// How are many numbers summed up: their count, mean, extremes and nearest-rank quantiles.

/** What can be summed up, however it is kept. Undefined without samples. */
export interface Summable {
  readonly count: number;
  /** The least sample that at least `percent` of them do not exceed. */
  quantile(percent: number): number | undefined;
  min(): number | undefined;
  max(): number | undefined;
  mean(): number | undefined;
}

/** Finite numbers in the order in which they came. Sorted once, when first asked for a quantile. */
export class Samples implements Summable {
  readonly #values: number[] = [];
  #sorted: Float64Array | undefined;

  /** All samples of several collections together. */
  static of(parts: Iterable<Samples>): Samples {
    const all = new Samples();
    for (const part of parts) for (const value of part.#values) all.#values.push(value);
    return all;
  }

  get count(): number {
    return this.#values.length;
  }

  add(value: number): void {
    this.#values.push(value);
    this.#sorted = undefined;
  }

  values(): Iterable<number> {
    return this.#values;
  }

  /**
   * The nearest-rank quantile: the least sample that at least a share `q` of them does not exceed.
   * `percent` is a whole number from 0 to 100, so that no rounding moves a rank. Undefined without
   * samples.
   */
  quantile(percent: number): number | undefined {
    const sorted = this.#inOrder();
    return sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)];
  }

  min(): number | undefined {
    return this.#inOrder()[0];
  }

  max(): number | undefined {
    return this.#inOrder().at(-1);
  }

  mean(): number | undefined {
    const { count } = this;
    if (count === 0) return undefined;
    return this.#values.reduce((sum, value) => sum + value, 0) / count;
  }

  #inOrder(): Float64Array {
    this.#sorted ??= Float64Array.from(this.#values).sort();
    return this.#sorted;
  }
}

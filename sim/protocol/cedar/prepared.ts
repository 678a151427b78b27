// Which policies does Cedar hold ready: parsed sets in a bounded number of reused places.

import { type Policy, preparsePolicySet } from '@cedar-policy/cedar-wasm/nodejs';

/** Cedar never lets go of a name that it was given (48 KB each, measured), so names are reused. */
const PLACES = 256;
const owners: (PreparedPolicies | undefined)[] = new Array(PLACES).fill(undefined);
let next = 0;

/** A set of policies by id. It is parsed when first asked for, and again when it lost its place. */
export class PreparedPolicies {
  readonly #policies: Readonly<Record<string, Policy>>;
  #place = 0;

  constructor(policies: Readonly<Record<string, Policy>>) {
    this.#policies = policies;
  }

  /** The name under which Cedar holds the set now; good until other sets are asked for theirs. */
  name(): string {
    if (owners[this.#place] !== this) {
      this.#place = next;
      next = (next + 1) % PLACES;
      owners[this.#place] = undefined;
      const answer = preparsePolicySet(nameOf(this.#place), { staticPolicies: this.#policies });
      if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
      owners[this.#place] = this;
    }
    return nameOf(this.#place);
  }
}

const nameOf = (place: number): string => `slice ${place}`;

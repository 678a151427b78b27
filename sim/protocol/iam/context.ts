// What does a request say about itself: context keys, whose names are read without regard to case.

/** Values by key as AWS names them; a list is a multivalued key, empty one without values. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** A key as the policy spells it, and folded. */
export interface ContextKey {
  readonly name: string;
  readonly folded: string;
}

export const contextKey = (name: string): ContextKey => ({ name, folded: name.toLowerCase() });

/** The key's value, or `undefined` when absent. Of two spellings the policy's wins. */
export const readContext = (
  context: RequestContext,
  key: ContextKey,
): string | readonly string[] | undefined => {
  const exact = context[key.name];
  if (exact !== undefined) return exact;
  for (const name in context) {
    if (name.length === key.name.length && name.toLowerCase() === key.folded) return context[name];
  }
  return undefined;
};

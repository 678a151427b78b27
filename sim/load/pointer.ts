// What stands at a JSON pointer (RFC 6901) in a document?

/** Empty for the whole document, or parts that each begin with `/`. */
export const POINTER = /^(\/([^~/]|~[01])*)*$/;

/** The value at a pointer, or `undefined` when there is none. */
export const valueAt = (document: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(below, document);

const below = (value: unknown, key: string): unknown => {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
};

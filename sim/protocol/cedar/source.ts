// Where in the file is it: places of policies in a text, and lines and columns of Cedar's offsets.

export interface Place {
  readonly line: number;
  /** In characters as editors count them (UTF-16 units), from 1. */
  readonly column: number;
}

/** The place of a character. */
export const placeOf = (text: string, index: number): Place => {
  const before = text.slice(0, index);
  return {
    line: before.split('\n').length,
    column: before.length - before.lastIndexOf('\n'),
  };
};

/** Cedar counts bytes of UTF-8; text counts UTF-16 units. */
export const indexOfByte = (text: string, byte: number): number =>
  new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, byte)).length;

/**
 * The parts of a policy text in the order in which they stand there, each with its index. Cedar
 * gives them by the ids `policy0` … `policyN` in alphabetical order, verbatim and without places.
 */
export const partsInPlace = (
  text: string,
  parts: readonly string[],
): readonly { readonly part: string; readonly index: number }[] => {
  const numbers = parts.map((_, number) => number).sort(byName);
  const ordered: string[] = [];
  for (const [position, part] of parts.entries()) ordered[numbers[position] ?? position] = part;
  const code = withoutComments(text);
  let from = 0;
  return ordered.map((part) => {
    const index = Math.max(code.indexOf(withoutComments(part), from), from);
    from = index + part.length;
    return { part, index };
  });
};

const byName = (left: number, right: number): number => (String(left) < String(right) ? -1 : 1);

/** Blanks comments out, so that a policy is not found in a copy of it that was commented out. */
const withoutComments = (text: string): string =>
  text.replace(STRING_OR_COMMENT, (found) =>
    found.startsWith('//') ? ' '.repeat(found.length) : found,
  );

const STRING_OR_COMMENT = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g;

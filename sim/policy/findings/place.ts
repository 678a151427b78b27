// Where in a policy's text is an argument first compared: its line and column in the file.

import { type LoadedPolicy, placeOf } from '../../protocol/cedar.ts';

/**
 * The place of `context.input.…` in a policy; the policy's own where it is not found, e.g. because
 * a comment stands in it. Mere tests of presence, `context.input has …`, are written otherwise.
 */
export const placeInPolicy = (
  policy: Pick<LoadedPolicy, 'text' | 'line' | 'column'>,
  path: readonly string[],
): { readonly line: number; readonly column: number } => {
  const text = withoutComments(policy.text);
  const index = text.search(new RegExp(['context', 'input', ...path].map(step).join('')));
  if (index < 0) return { line: policy.line, column: policy.column };
  const { line, column } = placeOf(text, index);
  return {
    line: policy.line + line - 1,
    column: line === 1 ? policy.column + column - 1 : column,
  };
};

const step = (name: string, index: number): string => {
  const plain = name.replace(/[^\w]/g, '\\$&');
  return index === 0 ? `\\b${plain}` : `\\s*(?:\\.\\s*${plain}\\b|\\[\\s*"${plain}"\\s*\\])`;
};

const withoutComments = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (found) =>
    found.startsWith('//') ? ' '.repeat(found.length) : found,
  );

// Does a text in a target file look like a secret that belongs into the environment?

import { placeholdersIn } from '../template.ts';

const KINDS: readonly RegExp[] = [
  /eyJ[\w-]{8,}\.[\w-]+/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\b(?:sk|pk|rk)[-_][\w-]{16,}/,
  /\b(?:gh[pousr]|github_pat|glpat|xox[abprs])[-_]\w{16,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];
const AUTHORIZATION = /^(?:bearer|basic|token|apikey)\s+\S/i;
/** Names of headers and fields whose values are secrets. */
const SECRET_NAME =
  /^(?:authorization|proxy-authorization|cookie|(?:.*[-_.])?(?:api[-_]?key|password|passwd|pwd|secret|token))$/i;
const RUN = /[\w+/=-]{32,}/g;
/** Bits a character; words and numbers stay below, random letters and digits of that length above. Assumed. */
const RANDOM_BITS = 4.2;

/** Whether a text, the value of `name` where it has one, looks like a secret written out. */
export const looksSecret = (text: string, name = ''): boolean => {
  const literal = text.replaceAll(/\{\{[^{}]*\}\}/g, '');
  if (KINDS.some((kind) => kind.test(literal)) || isRandom(literal)) return true;
  if (placeholdersIn(text).length > 0) return false;
  return AUTHORIZATION.test(text) || (SECRET_NAME.test(name) && text.length > 0);
};

const isRandom = (text: string): boolean =>
  (text.match(RUN) ?? []).some(
    (run) => /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run) && bitsOf(run) >= RANDOM_BITS,
  );

const bitsOf = (text: string): number => {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

// What exactly was signed: the canonical request of AWS Signature Version 4.

import type { Call, Headers } from '../../domain/wire.ts';

/** The canonical request: what a client hashed and signed. `path` is the wire's, with its query. */
export const canonicalRequest = (
  { method, path, headers }: Pick<Call, 'method' | 'path' | 'headers'>,
  signed: readonly string[],
  bodyHash: string,
): string => {
  const at = path.indexOf('?');
  const [place, query] = at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)];
  const lines = signed.map(
    (name) =>
      `${name}:${valuesOf(headers, name)
        .map((value) => value.replace(/[ \t\r\n]+/g, ' ').trim())
        .join(',')}\n`,
  );
  return [
    method,
    canonicalPath(place),
    canonicalQuery(query),
    lines.join(''),
    signed.join(';'),
    bodyHash,
  ].join('\n');
};

/** The path of the wire escaped once more, without empty and dot segments: every service but S3 has it so. */
const canonicalPath = (path: string): string => {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(escaped(segment));
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${end}`;
};

/** Sorted by name, then by value; each escaped anew from what it means. */
const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return [escaped(unescaped(name)), escaped(unescaped(value))] as const;
    })
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

/** What is not unreserved as `%XX` of its UTF-8 bytes, RFC 3986. */
const escaped = (text: string): string =>
  text.replace(/[^A-Za-z0-9\-_.~]/gu, (character) =>
    Array.from(
      Buffer.from(character, 'utf8'),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );

/** What is no escape stands for itself, as does `+`. */
const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** All values of a header, in the order of the wire. `name` is lower case. */
export const valuesOf = (headers: Headers, name: string): readonly string[] =>
  headers.filter(([key]) => key === name).map(([, value]) => value);

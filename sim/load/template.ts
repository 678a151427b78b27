// How does a form become a call: placeholders in paths, headers and bodies, each written as its place needs.

import type { Call, Headers } from '../domain/wire.ts';
import type { BodyForm, CallForm } from './target.ts';

/** What placeholders stand for; those of the environment are named `env.NAME`. */
export type Values = Readonly<Record<string, string>>;

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The names of the placeholders in a text, in order. */
export const placeholdersIn = (text: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);

/** Throws on a placeholder that stands for nothing: the file was read with care, so it is a bug. */
export const filled = (
  text: string,
  values: Values,
  written: (value: string) => string = (value) => value,
): string =>
  text.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the placeholder ${name} stands for nothing`);
    return written(value);
  });

/** The call of a form. What comes into a path is escaped; a mapping is written as JSON or as a form. */
export const callOf = (form: CallForm, values: Values, written: 'json' | 'form' = 'json'): Call => {
  const { body, type } = bodyOf(form.body, values, written);
  const headers: Headers = Object.entries(form.headers).map(([name, text]) => [
    name.toLowerCase(),
    filled(text, values),
  ]);
  const typed = type === undefined || headers.some(([name]) => name === 'content-type');
  return {
    method: form.method,
    path: filled(form.path, values, encodeURIComponent),
    headers: typed ? headers : [...headers, ['content-type', type]],
    body,
  };
};

const bodyOf = (
  form: BodyForm,
  values: Values,
  written: 'json' | 'form',
): { readonly body: string; readonly type: string | undefined } => {
  if (form === undefined) return { body: '', type: undefined };
  if (typeof form === 'string') return { body: filled(form, values), type: 'text/plain' };
  const whole = filledIn(form, values);
  if (written === 'json') return { body: JSON.stringify(whole), type: 'application/json' };
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(whole as Values)) fields.append(name, String(value));
  return {
    body: fields.toString(),
    type: 'application/x-www-form-urlencoded',
  };
};

const filledIn = (value: unknown, values: Values): unknown => {
  if (typeof value === 'string') return filled(value, values);
  if (Array.isArray(value)) return value.map((each) => filledIn(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, filledIn(each, values)]),
  );
};

// What is the form of a JSON report: a zod schema that agrees with its type, and the name of its JSON Schema.

import { z } from 'zod';
import { EXIT_CODES, type ExitCode } from '../domain/exit-code.ts';

/** The form of a JSON that a command writes; its JSON Schema is `reports/<name>.schema.json`. */
export interface Form<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** The text of a report as it is written: the one way in which a command writes JSON. */
export const json = <T>(_form: Form<T>, report: T): string =>
  `${JSON.stringify(report, null, 2)}\n`;

/**
 * The JSON Schema (draft 7) of a form. Every interface is a definition under its own name; what the
 * types say of their members is added where the file is made (`npm run schemas`).
 */
export const jsonSchemaOf = ({ schema }: Form<unknown>): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(schema, { target: 'draft-7', metadata: NAMES });

/** The interfaces that schemas stand for. */
const NAMES = z.registry<{ readonly id: string }>();

/**
 * The schema of an interface: exactly its members, in either direction. A member too many, one that
 * is missing, and one that admits less or more than its type says, do not compile.
 */
export const shaped =
  <T extends object>(id: string) =>
  <S extends Readonly<Record<keyof T, z.ZodType>>>(shape: S & Agreeing<T, S>): z.ZodType<T> =>
    // The shape was just held against the type, member by member.
    z.strictObject(shape).register(NAMES, { id }) as unknown as z.ZodType<T>;

/** What a member whose schema and type differ must be, which nothing is. */
type Agreeing<T extends object, S> = {
  readonly [K in keyof S]: K extends keyof T
    ? Same<T[K], z.output<Extract<S[K], z.ZodType>>, S[K]>
    : never;
};

type Same<T, Read, Schema> = [Read] extends [T]
  ? [Loose<T>] extends [Read]
    ? Schema
    : never
  : never;

/** The same without `readonly`, which schemas do not know. */
type Loose<T> = T extends (...args: never) => unknown
  ? never
  : { -readonly [K in keyof T]: Loose<T[K]> };

/** A schema of a union of types, under its name. */
export const named = <S extends z.ZodType>(id: string, schema: S): S => {
  NAMES.add(schema, { id });
  return schema;
};

export const count = z.int().min(0);
/** Of whatever unit its name says. */
export const measure = z.number().min(0);
export const share = z.number().min(0).max(1);
export const texts = z.array(z.string());
export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

export const CODE = z.literal(Object.keys(EXIT_CODES).map(Number) as ExitCode[]);
export const VERDICT = z.enum(['pass', 'fail', 'inconclusive']);

/** What of a report says how it came out and how it is repeated. */
export const OUTCOME = {
  sentence: z.string().min(1),
  exitCode: CODE,
  version: z.string(),
  replay: z.string(),
};

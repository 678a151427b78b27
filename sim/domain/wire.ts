// What travels between services: a call and its reply, as HTTP would carry them.

/** Header names are lower case; a name may repeat, as on a real wire. */
export type Headers = readonly (readonly [name: string, value: string])[];

export interface Call {
  readonly method: string;
  /** Path with query, e.g. `/memories/m-1/events`. */
  readonly path: string;
  readonly headers: Headers;
  /** JSON text, or empty. */
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The body as it was streamed, when it was; their concatenation is `body`. */
  readonly chunks?: readonly string[];
}

/** The first value of a header, or `undefined`. `name` is lower case. */
export const header = (headers: Headers, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1];

/** The headers without those named, all in lower case. */
export const without = (headers: Headers, ...names: readonly string[]): Headers =>
  headers.filter(([key]) => !names.includes(key));

/** A JSON reply. */
export const json = (status: number, value: unknown, headers: Headers = []): Reply => ({
  status,
  headers: [['content-type', 'application/json'], ...headers],
  body: JSON.stringify(value),
});

/** The JSON object in a body, or `undefined` when it is not a JSON object. */
export const parsed = (body: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// In which ways can a report be wrong: a member that is missing, one that is unknown, one of another type.

export interface Damage {
  /** What was done to it, for the one who reads the complaint. */
  readonly what: string;
  readonly report: unknown;
}

type Json = { [member: string]: unknown };

/** Every single damage to a report, in each of its objects that the schema closes. */
export function* damages(report: unknown, schema: Json): Generator<Damage> {
  const whole = shortened(report);
  for (const { path, closed } of closedObjects(whole, schema, schema, [])) {
    const changed = (change: (at: Json) => void): unknown => {
      const copy = structuredClone(whole);
      change(recordOf(path.reduce<unknown>((at, step) => recordOf(at)[step], copy)));
      return copy;
    };
    const place = path.join('.');
    yield {
      what: `${place}.nobodyKnows added`,
      report: changed((at) => {
        at['nobodyKnows'] = 1;
      }),
    };
    for (const name of listOf(closed['required']).map(String))
      yield {
        what: `${place}.${name} left out`,
        report: changed((at) => {
          delete at[name];
        }),
      };
    for (const [name, property] of Object.entries(recordOf(closed['properties'])))
      if (Object.keys(recordOf(property)).length > 0)
        yield {
          what: `${place}.${name} of another type`,
          report: changed((at) => {
            at[name] = [[{ nobodyKnows: 1 }]];
          }),
        };
  }
}

/** One object of each list is enough. */
const shortened = (value: unknown): unknown => {
  if (Array.isArray(value))
    return (
      typeof value[0] === 'object' && !Array.isArray(value[0]) ? value.slice(0, 1) : value
    ).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shortened(each)]));
};

function* closedObjects(
  value: unknown,
  said: unknown,
  root: Json,
  path: readonly string[],
): Generator<{ readonly path: readonly string[]; readonly closed: Json }> {
  if (typeof value !== 'object' || value === null) return;
  const schema = resolved(said, root);
  for (const each of [
    ...listOf(schema['anyOf']),
    ...listOf(schema['oneOf']),
    ...listOf(schema['allOf']),
  ])
    if (fits(value, resolved(each, root))) yield* closedObjects(value, each, root, path);
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries())
      yield* closedObjects(each, schema['items'], root, [...path, String(index)]);
    return;
  }
  const properties = recordOf(schema['properties']);
  if (schema['additionalProperties'] === false) yield { path, closed: schema };
  for (const [name, each] of Object.entries(value))
    yield* closedObjects(each, properties[name], root, [...path, name]);
}

/** Whether the value could be what this variant says. */
const fits = (value: object, variant: Json): boolean =>
  listOf(variant['required']).every((name) => String(name) in value) &&
  Object.entries(recordOf(variant['properties'])).every(
    ([name, property]) =>
      recordOf(property)['const'] === undefined ||
      recordOf(value)[name] === recordOf(property)['const'],
  );

const resolved = (said: unknown, root: Json): Json => {
  const schema = recordOf(said);
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  return recordOf(recordOf(root['definitions'])[reference.replace('#/definitions/', '')]);
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const recordOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};

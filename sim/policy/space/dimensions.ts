// In how many ways can questions about a tool differ, and which question is it when each is chosen?

import type { PolicyQuestion } from '../../domain/ports.ts';
import { actionOf, type ObjectSchema } from '../../domain/tool.ts';
import { isRecord } from '../../domain/wire.ts';
import type { Gateway, GatewayTool } from '../gateways.ts';
import { type Reading, sighted } from './reading.ts';
import { type Times, timesOf } from './times.ts';
import { filled, type Value, valuesOf } from './values.ts';
import { isTenant, keyOf, type TenantNames, type Variable } from './variable.ts';

/** A tool and the gateway that it is called at. */
export type PlacedTool = GatewayTool & { readonly gateway: Gateway };

/** What varies beside what the policies name. */
export interface Terms extends TenantNames {
  /** Tags that vary whether read or not, with values that must be among theirs. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** Where no policy looks at the time, this is the time, in microseconds. */
  readonly usualUs: number;
  /** Questions to Cedar about one tool at most. */
  readonly questionsMax: number;
  /** Answers that are put together for one tool at most. */
  readonly pointsMax: number;
}

/** One way in which questions differ. */
export interface Dimension {
  readonly key: string;
  readonly variable: Variable | { readonly kind: 'time' };
  /** Times are milliseconds. */
  readonly values: readonly Value[];
  /** For each value those that no policy tells from it, itself first. */
  readonly alike: readonly (readonly Value[])[];
}

/** A choice of one value for each dimension, by its index; `undefined` leaves it to what is usual. */
export type Point = readonly (number | undefined)[];

/** The dimensions of a tool's questions, and the instants among them. */
export const dimensionsOf = (
  tool: PlacedTool,
  reading: Reading,
  terms: Terms,
): { readonly dimensions: readonly Dimension[]; readonly times: Times } => {
  addUsual(tool, reading, terms);
  const values = valuesOf(reading, tool.inputSchema, namedAfter(terms));
  const times = timesOf(reading.cuts, Math.floor(terms.usualUs / 1000));
  const of = (key: string, variable: Dimension['variable'], all: readonly Value[]): Dimension => ({
    key,
    variable,
    values: all,
    alike: all.map((value) => [value]),
  });
  const read = [...reading.sightings.values()].flatMap(({ variable }) => {
    const key = keyOf(variable);
    // The tool stands behind one gateway, so that no call comes by another.
    const all = variable.kind === 'gateway' ? [tool.gateway.arn] : (values.get(key) ?? []);
    return [of(key, variable, all)];
  });
  return { dimensions: [...read, of('time', { kind: 'time' }, times.instantsMs)], times };
};

/** A field of an input by its path, such as `filter.clinic_id`; a list or a record is not single. */
export interface Field {
  readonly path: string;
  readonly isSingle: boolean;
}

/** Every field of an input, those of records in it after them. */
export const fieldsOf = (schema: ObjectSchema, above: readonly string[] = []): readonly Field[] =>
  Object.entries(schema.properties).flatMap(([name, rule]) => {
    const path = [...above, name];
    const isSingle = rule.type !== 'object' && rule.type !== 'array';
    const own: Field = { path: path.join('.'), isSingle };
    return rule.type === 'object' ? [own, ...fieldsOf(rule, path)] : [own];
  });

/** The fields of a tool's input that name the tenant whose object is meant, by their paths. */
const tenantFieldsOf = ({ inputSchema }: PlacedTool, terms: Terms): readonly string[] => {
  const fields = fieldsOf(inputSchema).map(({ path }) => path);
  return terms.tenantInputs.filter((path) => fields.includes(path));
};

const addUsual = (tool: PlacedTool, reading: Reading, terms: Terms): void => {
  for (const [name, texts] of Object.entries(terms.tags)) {
    const { literals } = sighted(reading, { kind: 'tag', name });
    for (const text of texts) literals.add(text);
  }
  const tenants = [
    ...terms.tenantTags.map((name): Variable => ({ kind: 'tag', name })),
    ...tenantFieldsOf(tool, terms).map(
      (path): Variable => ({ kind: 'input', path: path.split('.') }),
    ),
  ];
  for (const variable of tenants) sighted(reading, variable);
  const [first, ...rest] = tenants.map(keyOf);
  if (first !== undefined) for (const other of rest) reading.compared.push([first, other]);
};

const namedAfter =
  (terms: Terms) =>
  (variables: readonly Variable[], index: number): string => {
    if (variables.some((variable) => isTenant(variable, terms)))
      return `tenant-${LETTERS[index] ?? index}`;
    return index === 0 ? 'something else' : `something else ${index + 1}`;
  };

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * The question of a point, or `undefined` when there is none: a field of a record that is absent.
 * A dimension that is left open is absent, a required input the least that fits.
 */
export const questionAt = (
  tool: PlacedTool,
  dimensions: readonly Dimension[],
  point: Point,
  usualUs: number,
): PolicyQuestion | undefined => {
  const tags: Record<string, string> = {};
  const input: Record<string, unknown> = {};
  let id = 'a user';
  let nowUs = usualUs;
  const inputs: (readonly [readonly string[], Value])[] = [];
  for (const [index, { variable, values }] of dimensions.entries()) {
    const chosen = point[index];
    if (chosen === undefined) continue;
    const value = values[chosen];
    if (variable.kind === 'tag' && typeof value === 'string') tags[variable.name] = value;
    if (variable.kind === 'caller' && typeof value === 'string') id = value;
    if (variable.kind === 'time' && typeof value === 'number') nowUs = value * 1000;
    if (variable.kind === 'input') inputs.push([variable.path, value]);
  }
  // Records before what stands in them.
  inputs.sort(([one], [other]) => one.length - other.length);
  for (const [path, value] of inputs) if (value !== undefined) put(input, path, value);
  const complete = completed(tool.inputSchema, input);
  for (const [path, value] of inputs) {
    const built = at(complete, path);
    if ((built === undefined) !== (value === undefined)) return undefined;
    if (!isRecord(value) && JSON.stringify(built) !== JSON.stringify(value)) return undefined;
  }
  const gateway = tool.gateway.arn;
  return { principal: { id, tags }, action: actionOf(tool), gateway, input: complete, nowUs };
};

const put = (input: Record<string, unknown>, path: readonly string[], value: Value): void => {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    input[name] = isRecord(value) ? { ...value } : value;
    return;
  }
  const inner = isRecord(input[name]) ? { ...input[name] } : {};
  put(inner, rest, value);
  input[name] = inner;
};

const at = (input: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), input);

/** With the least that fits for whatever is required and not there, in records, too. */
const completed = (
  schema: ObjectSchema,
  input: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const complete = { ...(filled(schema) as Record<string, unknown>), ...input };
  for (const [name, value] of Object.entries(complete)) {
    const rule = schema.properties[name];
    if (rule?.type === 'object' && isRecord(value)) complete[name] = completed(rule, value);
  }
  return complete;
};

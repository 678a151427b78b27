// What does a policy document say: its statements, read once, with every mistake named.

import { type Complaint, UsageError } from '../../domain/usage-error.ts';
import { resourceTest, type Test } from './arn.ts';
import { type Condition, readConditions } from './condition.ts';
import { matchesPattern, type Pattern, parsePieces, patternOf } from './pattern.ts';
import { fieldsOf, inside, itemsOf, type Place, readItems, refuse } from './place.ts';

/** A statement made ready for evaluation. */
export interface Statement {
  /** File and Sid, or file and place for want of a Sid: `memory.json#OwnEvents`. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Actions;
  readonly resources: { readonly negated: boolean; readonly tests: readonly Test[] };
  readonly conditions: readonly Condition[];
  /** Every context key that a condition or a variable reads, in lower case. */
  readonly keys: ReadonlySet<string>;
}

interface Actions {
  /** True for `NotAction`. */
  readonly negated: boolean;
  readonly exact: ReadonlySet<string>;
  readonly patterns: readonly Pattern[];
}

interface Reading {
  readonly variables: boolean;
  readonly sids: Set<string>;
}

/** Reads a whole document. Throws `UsageError` with all complaints. */
export const readStatements = (document: unknown, file: string): readonly Statement[] => {
  const complaints: Complaint[] = [];
  const place: Place = { file, path: '', complaints };
  const fields = fieldsOf(place, document);
  const statements = fields === undefined ? [] : readDocument(place, fields);
  if (complaints.length > 0) throw new UsageError(complaints);
  return statements;
};

const readDocument = (place: Place, fields: ReadonlyMap<string, unknown>): readonly Statement[] => {
  refuseOthers(place, fields, ['Version', 'Id', 'Statement']);
  const version = fields.get('Version') ?? '2008-10-17';
  if (version !== '2008-10-17' && version !== '2012-10-17') {
    refuse(
      inside(place, 'Version'),
      `unknown version \`${String(version)}\``,
      'write `2012-10-17`',
    );
  }
  if (fields.has('Id') && typeof fields.get('Id') !== 'string') {
    refuse(inside(place, 'Id'), 'must be text');
  }
  if (!fields.has('Statement')) {
    refuse(place, '`Statement` is missing');
    return [];
  }
  const reading: Reading = { variables: version === '2012-10-17', sids: new Set() };
  return readItems(inside(place, 'Statement'), fields.get('Statement'), (at, item) =>
    readStatement(at, item, reading),
  );
};

const readStatement = (place: Place, value: unknown, reading: Reading): Statement | undefined => {
  const fields = fieldsOf(place, value);
  if (fields === undefined) return undefined;
  refuseOthers(place, fields, STATEMENT_FIELDS);
  const effect = fields.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') {
    refuse(inside(place, 'Effect'), 'must be `Allow` or `Deny`');
  }
  const sid = readSid(place, fields, reading.sids);
  const action = oneOf(place, fields, 'Action');
  const resource = oneOf(place, fields, 'Resource');
  const conditions = fields.has('Condition')
    ? readConditions(inside(place, 'Condition'), fields.get('Condition'), reading.variables)
    : [];
  return {
    name: `${place.file}#${sid ?? place.path}`,
    effect: effect === 'Allow' ? 'Allow' : 'Deny',
    actions: readActions(inside(place, action), fields.get(action)),
    resources: {
      negated: resource === 'NotResource',
      tests: fields.has(resource)
        ? readItems(inside(place, resource), fields.get(resource), (at, item) =>
            readResource(at, item, reading.variables),
          )
        : [],
    },
    conditions,
    keys: new Set([
      ...conditions.map(({ key }) => key.folded),
      ...(reading.variables ? variablesIn([fields.get(resource), fields.get('Condition')]) : []),
    ]),
  };
};

/** The keys of the variables in all texts of a value, in lower case. */
const variablesIn = (value: unknown): readonly string[] => {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(variablesIn);
  if (typeof value !== 'string') return [];
  const pieces = parsePieces(value, { variables: true, wildcards: true });
  return 'fault' in pieces
    ? []
    : pieces.flatMap((piece) => (piece.kind === 'variable' ? [piece.key.folded] : []));
};

const STATEMENT_FIELDS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

const refuseOthers = (
  place: Place,
  fields: ReadonlyMap<string, unknown>,
  known: readonly string[],
): void => {
  for (const name of fields.keys()) {
    if (known.includes(name)) continue;
    if (name === 'Principal' || name === 'NotPrincipal') {
      const hint = 'leave it out: an identity policy belongs to its principal';
      refuse(
        inside(place, name),
        `\`${name}\` is for resource policies, which are not supported`,
        hint,
      );
    } else
      refuse(inside(place, name), `unknown element \`${name}\``, `known are ${known.join(', ')}`);
  }
};

/** Which is there of `Action` and `NotAction`, say; complains of none or both. */
const oneOf = (place: Place, fields: ReadonlyMap<string, unknown>, name: string): string => {
  const not = `Not${name}`;
  if (fields.has(name) === fields.has(not)) {
    const fault = fields.has(name) ? 'both are there' : 'neither is';
    refuse(place, `one of \`${name}\` and \`${not}\` is needed, and ${fault}`);
  }
  return fields.has(not) && !fields.has(name) ? not : name;
};

const readSid = (
  place: Place,
  fields: ReadonlyMap<string, unknown>,
  seen: Set<string>,
): string | undefined => {
  const sid = fields.get('Sid');
  const at = inside(place, 'Sid');
  if (sid === undefined) return undefined;
  if (typeof sid !== 'string' || !/^[A-Za-z0-9]*$/.test(sid)) {
    return refuse(at, 'must be text of letters and digits');
  }
  if (sid === '') return undefined;
  if (seen.has(sid)) refuse(at, `\`${sid}\` stands twice in the document`);
  seen.add(sid);
  return sid;
};

const ACTION = /^[A-Za-z0-9-]+:[A-Za-z0-9*?-]+$/;

const readActions = (place: Place, value: unknown): Actions => {
  const exact = new Set<string>();
  const patterns: Pattern[] = [];
  for (const [at, item] of value === undefined ? [] : itemsOf(place, value)) {
    if (typeof item !== 'string' || (item !== '*' && !ACTION.test(item))) {
      const shown = typeof item === 'string' ? `\`${item}\` is not an action` : 'must be text';
      refuse(at, shown, 'write `*` or `service:Name`, with wildcards in the name only');
      continue;
    }
    const pieces = parsePieces(item.toLowerCase(), { variables: false, wildcards: true });
    if ('fault' in pieces) refuse(at, pieces.fault, pieces.hint);
    else if (pieces.every((piece) => piece.kind === 'text')) exact.add(item.toLowerCase());
    else patterns.push(patternOf(pieces));
  }
  return { negated: place.path.endsWith('.NotAction'), exact, patterns };
};

const readResource = (place: Place, item: unknown, variables: boolean): Test | undefined => {
  if (typeof item !== 'string') return refuse(place, 'must be text');
  const test = resourceTest(item, variables);
  return typeof test === 'function' ? test : refuse(place, test.fault, test.hint);
};

const NO_CONTEXT = {};

/** Whether `Action` covers, or `NotAction` leaves, the action; it is given in lower case. */
export const coversAction = (actions: Actions, folded: string): boolean => {
  const listed =
    actions.exact.has(folded) ||
    actions.patterns.some((pattern) => matchesPattern(pattern, folded, NO_CONTEXT) === true);
  return listed !== actions.negated;
};

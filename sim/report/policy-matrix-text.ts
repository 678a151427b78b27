// How does a matrix of policies speak: counterexamples, who may call what, and whose control keeps it.

import type {
  ControlRow,
  Counterexample,
  EntitlementDifference,
  MatrixGroup,
  PolicyMatrix,
  Relation,
} from '../domain/policy-matrix.ts';
import { figure } from './numbers.ts';
import { table, wrap } from './table.ts';

export const matrixText = (matrix: PolicyMatrix, columns: number): string => {
  const { counterexamples, controls, groups, entitlements } = matrix;
  const blocks = [
    wrap(matrix.sentence, columns),
    ...counterexamples.map((one, index) =>
      counterexampleText(one, `counterexample ${index + 1} of ${counterexamples.length}`, columns),
    ),
    [
      `Who may call what (hours on ${matrix.day}); all else is denied`,
      allowedTable(groups, columns),
    ],
    ...deniedBlock(groups, columns),
    ...(controls.length === 0
      ? []
      : [['Whose control keeps tenants apart', controlsTable(controls, columns)]]),
    ...(entitlements === null || entitlements.differences.length === 0
      ? []
      : [
          [
            `Differences from the entitlements of ${entitlements.scenario}`,
            ...entitlements.differences.flatMap((one) => hanging(differenceText(one), columns)),
          ],
        ]),
    ...boundBlocks(matrix, columns),
    [
      ...wrap(
        `tenants  of callers by ${tags(matrix.tenantTags)}, of objects by ${inputs(matrix.tenantInputs)}`,
        columns,
      ),
      `verdict  ${matrix.verdict} (exit code ${matrix.exitCode})`,
      `replay   ${matrix.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const tags = (names: readonly string[]): string =>
  `the ${names.length === 1 ? 'tag' : 'tags'} ${names.map((name) => `\`${name}\``).join(', ')}`;

const inputs = (names: readonly string[]): string =>
  names.length === 0
    ? 'nothing: no tool has an input of such a name (`--tenant-input` names one)'
    : `the ${names.length === 1 ? 'input' : 'inputs'} ${names.map((name) => `\`${name}\``).join(', ')}`;

const counterexampleText = (
  { action, relation, example, by }: Counterexample,
  count: string,
  columns: number,
): readonly string[] => {
  const title = `ISOLATION  ${toolText([action], [example.gateway])} on an object of another tenant`;
  const who =
    relation === 'without a tenant'
      ? 'The caller has no tenant, and Q names one.'
      : 'The caller is of another tenant than the one that Q names.';
  return [
    `${title.padEnd(Math.max(title.length + 2, columns - count.length))}${count}`,
    'Let:',
    ...questionLines(example),
    'Then:',
    `  - ${who}`,
    ...hanging(`However, Cedar allows Q by ${quoted(by)}.`, columns),
  ];
};

/** As JSON, a line for each of its parts: to be copied, so that no line is broken. */
const questionLines = (example: Counterexample['example']): readonly string[] => {
  const parts = Object.entries(example).map(
    ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return [
    '  Q = {',
    ...parts.map((line, at) => (at < parts.length - 1 ? `${line},` : line)),
    '  }',
  ];
};

const hanging = (text: string, columns: number): readonly string[] =>
  hangingAt('  - ', text, columns);

const hangingAt = (lead: string, text: string, columns: number): readonly string[] =>
  wrap(text, columns - lead.length).map((line, index) =>
    index === 0 ? `${lead}${line}` : `${' '.repeat(lead.length)}${line}`,
  );

const allowedTable = (groups: readonly MatrixGroup[], columns: number): string =>
  table(
    ['tools', 'who', 'object', 'when', 'allowed by'].map((title) => ({ title })),
    groups
      .filter(({ allowed }) => allowed)
      .map((group) => [
        toolText(group.tools, [group.tier]),
        whoText(group.where),
        objectsText(group.objects),
        group.hours ?? 'any time',
        group.by.join('; '),
      ]),
    columns,
  );

/** `patient_context, clinic_config @basic`: without targets, at the gateways of these tiers. */
export const toolText = (actions: readonly string[], tiers: readonly string[]): string =>
  `${[...new Set(actions.map((action) => action.replace(/^.*?___/, '')))].join(', ')} ${tiers.map((tier) => `@${tier}`).join(' ')}`;

const objectsText = (objects: readonly Relation[]): string => {
  const isAnyones = ['own', "another tenant's", 'without a tenant'].every((relation) =>
    objects.includes(relation as Relation),
  );
  if (!isAnyones) return objects.join(', ');
  return objects.includes('unnamed') ? 'any tenant’s, or unnamed' : 'any tenant’s';
};

const deniedBlock = (groups: readonly MatrixGroup[], columns: number): readonly string[][] => {
  const counts = new Map<string, number>();
  for (const { allowed, by, questions } of groups) {
    if (allowed) continue;
    const name = by.length === 0 ? 'no policy: denied by default' : by.join('; ');
    counts.set(name, (counts.get(name) ?? 0) + questions);
  }
  if (counts.size === 0) return [];
  const rows = [...counts].map(([name, count]) => [name, figure(count)]);
  return [
    [
      // Not every platform puts Cedar behind an engine that denies then, as this one does.
      ...wrap(
        'What denies the rest (a policy whose evaluation fails denies here; Cedar by itself skips it, so that a forbid that fails forbids nothing)',
        columns,
      ),
      table([{ title: 'by' }, { title: 'questions', align: 'right' }], rows, columns),
    ],
  ];
};

/** `tier basic · role nurse, physician`. */
export const whoText = (where: MatrixGroup['where']): string =>
  Object.entries(where)
    .map(([key, values]) => `${key.replace(/^(?:tag|input) /, '')} ${values.join(', ')}`)
    .join(' · ') || 'anyone';

/** Operations, and gateways of several tiers, are told once where tenants are kept apart alike. */
const controlsTable = (controls: readonly ControlRow[], columns: number): string => {
  const rows = new Map<string, ControlRow[]>();
  for (const row of controls) {
    const { tool, cedar, iam, kept, opened } = row;
    const key = JSON.stringify([tool?.replace(/^.*?___/, ''), cedar, iam, kept, opened?.statement]);
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  return table(
    ['tool', 'operation', 'Cedar', 'IAM', 'kept by'].map((title) => ({ title })),
    [...rows.values()].flatMap((alike) => {
      const [first] = alike;
      if (first === undefined) return [];
      const { tool, cedar, iam, kept, opened } = first;
      const tiers = [...new Set(alike.flatMap(({ tier }) => tier ?? []))];
      const by = opened === null ? '' : ` by ${opened.statement.replace(/^.*\//, '')}`;
      return [
        [
          tool === null ? 'the agent itself' : toolText([tool], tiers),
          operationsText(alike.map(({ operation }) => operation)),
          cedar,
          `${iam}${by}`,
          kept,
        ],
      ];
    }),
    columns,
  );
};

/** `dynamodb: GetItem of a patient, Query of patients`: each service is named once. */
const operationsText = (operations: readonly string[]): string => {
  const byService = new Map<string, Set<string>>();
  for (const operation of operations) {
    const [, service = '', name = operation] = /^([\w-]+):(.*)$/.exec(operation) ?? [];
    byService.set(service, (byService.get(service) ?? new Set<string>()).add(name));
  }
  return [...byService]
    .map(([service, names]) => `${service === '' ? '' : `${service}: `}${[...names].join(', ')}`)
    .join('; ');
};

const differenceText = (one: EntitlementDifference): string =>
  `${one.tiers.join(', ')} ${one.roles.join(', ')} (${one.zones.join(', ')}) at ${one.at}: ` +
  `${one.tool} on ${objectText(one.object)} is ${one.allowed ? 'allowed' : 'denied'} by ${quoted(one.by)}, ` +
  `and the entitlements say ${one.entitled ? 'yes' : 'no'}.`;

const objectText = (object: EntitlementDifference['object']): string =>
  object === 'none'
    ? 'nothing of a tenant'
    : object === 'own'
      ? 'own objects'
      : `${object} objects`;

const quoted = (ids: readonly string[]): string =>
  ids.length === 0 ? 'no policy' : ids.map((id) => `"${id}"`).join(', ');

const boundBlocks = (
  { overBound, unclear, controls }: PolicyMatrix,
  columns: number,
): readonly (readonly string[])[] => [
  ...undecidedBlock(controls, columns),
  ...(overBound.length === 0
    ? []
    : [
        [
          'Not judged: more questions than the bound (`--most` raises it)',
          ...overBound.map((action) => `  - ${action}`),
        ],
      ]),
  ...(unclear.length === 0
    ? []
    : [
        [
          'Not proved: what these conditions can tell apart is not known completely',
          ...unclear.flatMap(({ action, condition }) =>
            hanging(`${action}: ${condition}`, columns),
          ),
        ],
      ]),
];

const undecidedBlock = (
  controls: readonly ControlRow[],
  columns: number,
): readonly (readonly string[])[] => {
  const byReason = new Map<string, Set<string>>();
  for (const { operation, undecided } of controls)
    for (const reason of undecided)
      byReason.set(reason, (byReason.get(reason) ?? new Set<string>()).add(operation));
  if (byReason.size === 0) return [];
  const lines = [...byReason].flatMap(([reason, operations]) =>
    hanging(`${reason}: ${operationsText([...operations])}`, columns),
  );
  return [['Not known of IAM: what these conditions would answer otherwise', ...lines]];
};

// Who may call what, are tenants kept apart, and by whose control?

import { exitCode, verdictOf } from '../domain/exit-code.ts';
import type { Control, ControlRow, MatrixExtent, PolicyMatrix } from '../domain/policy-matrix.ts';
import { actionOf } from '../domain/tool.ts';
import { formatInstant } from '../kernel/calendar.ts';
import type { PolicySet } from '../protocol/cedar.ts';
import { Credentials } from './matrix/credentials.ts';
import { compareEntitlements, type Entitlements } from './matrix/entitlements.ts';
import { groupsOf } from './matrix/groups.ts';
import type { IamDocuments } from './matrix/named-owners.ts';
import { type DataOperation, HEALTHCARE_OPERATIONS } from './matrix/operations.ts';
import { type Separation, separationOf } from './matrix/separation.ts';
import { type PlacedTool, type Space, spaceOf, type Terms } from './space.ts';
import type { Tenancy } from './tenancy.ts';

export type { Entitlements } from './matrix/entitlements.ts';

export interface MatrixInputs {
  readonly tools: readonly PlacedTool[];
  readonly policies: PolicySet;
  readonly iam: IamDocuments | undefined;
  readonly entitlements: Entitlements | undefined;
  /** Whether memory and other data that no tool reads are judged, too: not where tools are chosen. */
  readonly withoutTools: boolean;
  readonly terms: Terms;
  readonly tenancy: Tenancy;
  readonly isStopped: () => boolean;
  readonly progress: (done: number) => void;
}

/** All that is judged; the command adds its own name, version and replay, and the sentence. */
export type JudgedMatrix = Omit<PolicyMatrix, 'sentence' | 'version' | 'folder' | 'replay'>;

export const matrixOf = (inputs: MatrixInputs): JudgedMatrix => {
  const { terms, tenancy, tools, policies } = inputs;
  const spaces: Space[] = [];
  for (const tool of tools) {
    if (inputs.isStopped()) break;
    spaces.push(spaceOf(tool, [policies], terms));
    inputs.progress(spaces.length);
  }
  const judged = spaces.filter(({ overBound }) => !overBound);
  const separations = judged.map((space) => separationOf(space, tenancy));
  const controls = controlsOf(separations, inputs);
  const entitlements =
    inputs.entitlements === undefined
      ? null
      : compareEntitlements(judged, inputs.entitlements, tenancy);
  const counterexamples = separations.flatMap(({ counterexample }) => counterexample ?? []);
  const overBound = spaces.filter((space) => space.overBound).map(({ action }) => action);
  const unclear = judged.flatMap(({ action, unclear: conditions }) =>
    conditions.map((condition) => ({ action, condition })),
  );
  const extent = extentOf(separations, tools.length, inputs.entitlements);
  const code = exitCode({
    findings: counterexamples.length + controls.filter(isBroken).length,
    inconclusive:
      overBound.length + unclear.length > 0 ||
      spaces.length < tools.length ||
      isVoid(extent) ||
      controls.some(({ undecided }) => undecided.length > 0),
    thresholdsMissed: entitlements?.differences.length ?? 0,
  });
  return {
    schema: 'poolproof.policy-matrix/1',
    verdict: verdictOf(code),
    exitCode: code,
    tenantTags: tenancy.tenantTags,
    tenantInputs: tenancy.tenantInputs,
    questions: judged.reduce((sum, { size }) => sum + size, 0),
    asked: judged.reduce((sum, { asked }) => sum + asked(), 0),
    extent,
    day: formatInstant(terms.usualUs).slice(0, 10),
    groups: groupsOf(judged, { tenancy, usualUs: terms.usualUs }),
    counterexamples,
    controls,
    entitlements,
    overBound,
    unclear,
  };
};

/** A tool is proved where another's object was asked for and never given, or where nothing is allowed. */
const extentOf = (
  separations: readonly Separation[],
  tools: number,
  entitlements: Entitlements | undefined,
): MatrixExtent => {
  const proved = separations.filter(
    ({ space, asksForeign, allowsOwn, counterexample }) =>
      counterexample === undefined && space.unclear.length === 0 && (asksForeign || !allowsOwn),
  );
  const nameless = separations.filter(isNameless).map(({ space }) => space);
  const isDeclared = ({ tool }: Space): boolean => hasNoObject(tool.name, entitlements);
  return {
    tools,
    proved: proved.length,
    nameless: nameless.filter((space) => !isDeclared(space)).map(({ action }) => action),
    withoutObject: nameless.filter(isDeclared).map(({ action }) => action),
  };
};

/** Allowed, and with nothing in its input that says whose object is meant. */
const isNameless = ({ asksForeign, allowsOwn }: Separation): boolean => allowsOwn && !asksForeign;

/** Whether every line of the entitlements about the tool says so, and there is one. */
const hasNoObject = (tool: string, entitlements: Entitlements | undefined): boolean => {
  const lines = (entitlements?.table ?? []).filter((line) => line.tool === tool);
  return lines.length > 0 && lines.every(({ object }) => object === 'none');
};

/** Whether nothing was proved of any tool, though there is one whose objects may be a tenant's. */
const isVoid = ({ proved, nameless }: MatrixExtent): boolean => proved === 0 && nameless.length > 0;

/** Either control that lets a tenant reach another's is broken, even where the other one holds. */
const isBroken = ({ iam, kept }: ControlRow): boolean => iam === 'open' || kept === 'HOLE';

const controlsOf = (
  separations: readonly Separation[],
  { iam, terms, tenancy, withoutTools, entitlements }: MatrixInputs,
): readonly ControlRow[] => {
  const more = {
    tiers: terms.tags[tenancy.tierTag] ?? [],
    roles: entitlements?.roles ?? [],
    tenants: entitlements?.tenants ?? [],
  };
  const credentials = iam === undefined ? undefined : new Credentials(iam, more, terms.usualUs);
  const row = (
    placed: PlacedTool | undefined,
    cedar: Control,
    operation?: DataOperation,
  ): ControlRow => {
    const judged = operation === undefined ? undefined : credentials?.judge(operation);
    const byIam = judged?.control ?? 'unknown';
    return {
      tool: placed === undefined ? null : actionOf(placed),
      tier: placed?.gateway.tier ?? null,
      operation: operation?.name ?? 'what the tool does',
      cedar,
      iam: byIam,
      kept:
        operation === undefined && placed !== undefined && hasNoObject(placed.name, entitlements)
          ? 'no object'
          : keptBy(cedar, byIam),
      opened: judged?.opened ?? null,
      undecided: judged?.undecided ?? [],
    };
  };
  const ofTools = separations
    .filter((one) => {
      const { seesObject, space } = one;
      return seesObject || isNameless(one) || operationsOf(space.tool.name).length > 0;
    })
    .flatMap((separation) => {
      const { tool } = separation.space;
      const cedar = cedarControl(separation);
      const operations = operationsOf(tool.name);
      return operations.length === 0
        ? [row(tool, cedar)]
        : operations.map((operation) => row(tool, cedar, operation));
    });
  const ofAgents =
    withoutTools && credentials !== undefined
      ? HEALTHCARE_OPERATIONS.filter(({ tool }) => tool === undefined).map((operation) =>
          row(undefined, 'not asked', operation),
        )
      : [];
  return [...ofTools, ...ofAgents];
};

const operationsOf = (tool: string): readonly DataOperation[] =>
  HEALTHCARE_OPERATIONS.filter((operation) => operation.tool === tool);

const cedarControl = ({ seesObject, allowsOwn, counterexample }: Separation): Control => {
  if (counterexample !== undefined) return 'open';
  if (!allowsOwn) return 'closed';
  return seesObject ? 'separates' : 'not asked';
};

const keptBy = (cedar: Control, iam: Control): ControlRow['kept'] => {
  if (cedar === 'closed' || iam === 'closed') return 'closed';
  if (cedar === 'separates') return iam === 'separates' ? 'both' : 'Cedar';
  if (iam === 'separates') return 'IAM';
  return iam === 'unknown' ? 'not by Cedar' : 'HOLE';
};

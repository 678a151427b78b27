// Which cells does a test have, and what is expected of each: everything not listed must be denied.

import { actionOf } from '../../domain/tool.ts';
import { type Path, type Problem, problem, shown, suggestion } from '../../scenario/wording.ts';
import { DENY, type Expected } from '../case.ts';
import { behindGateways, type Gateway, type GatewayTool } from '../gateways.ts';
import type { TestForm, Which } from './form.ts';
import type { Names } from './names.ts';

/** A question in the suite's own names. */
export interface Cell {
  readonly principal: string;
  readonly gateway: Gateway;
  readonly tool: GatewayTool;
  readonly input: string;
  readonly now: string;
  readonly expected: Expected;
  /** Of the expectation, or of the test. */
  readonly path: Path;
}

type Unexpected = Omit<Cell, 'expected' | 'path'>;

/** More cells than this in one test are a mistake (assumed). */
const CELLS_MAX = 100_000;

/** The cells of a test. What is wrong with it is told to `names`. */
export const cellsOf = (
  test: TestForm,
  path: Path,
  { names, gateways, now }: Surroundings,
): readonly Cell[] => {
  const given = test.now ?? (now === undefined ? undefined : [now]);
  if (given === undefined) {
    const hint = 'give the test or the suite a `now`';
    names.problems.push(problem(path, 'does not say when', hint));
    return [];
  }
  const placed = placedTools(test, path, { names, gateways });
  const principals = names.all('principals', test.principals, [...path, 'principals']);
  const inputs = names.all('inputs', test.inputs, [...path, 'inputs']);
  const instants = names.all(
    'instants',
    given,
    test.now === undefined ? ['now'] : [...path, 'now'],
  );
  const count = principals.length * placed.length * inputs.length * instants.length;
  if (count > CELLS_MAX) {
    const message = `has ${count} cells, and ${CELLS_MAX} at most can be looked through`;
    names.problems.push(problem(path, message, 'split it'));
    return [];
  }
  const cells = principals.flatMap((principal) =>
    placed.flatMap((place) =>
      inputs.flatMap((input) => instants.map((at) => ({ principal, ...place, input, now: at }))),
    ),
  );
  return expectedOf(test, path, cells, names);
};

export interface Surroundings {
  readonly names: Names;
  readonly gateways: readonly Gateway[];
  /** The suite's own. */
  readonly now?: string | undefined;
}

/** A plain name is the tool behind each gateway; an action may also be asked for at a foreign one. */
const placedTools = (
  test: TestForm,
  path: Path,
  { names, gateways }: Surroundings,
): readonly Pick<Cell, 'gateway' | 'tool'>[] => {
  const at = gatewaysOf(test.gateways, [...path, 'gateways'], { names, gateways });
  const everywhere = behindGateways(gateways);
  const placed = names.all('tools', test.tools, [...path, 'tools']).flatMap((name) => {
    const action = everywhere.find((tool) => actionOf(tool) === name);
    if (action !== undefined) {
      const asked = test.gateways === undefined ? [action.gateway] : at;
      return asked.map((gateway) => ({ gateway, tool: action }));
    }
    return everywhere
      .filter((tool) => tool.name === name && at.includes(tool.gateway))
      .map((tool) => ({ gateway: tool.gateway, tool }));
  });
  if (placed.length === 0 && at.length > 0 && names.problems.length === 0) {
    const hint = 'write its action out, `Target___tool`, to ask for it at a foreign gateway';
    names.problems.push(problem([...path, 'tools'], 'no gateway of the test has it', hint));
  }
  return placed;
};

const gatewaysOf = (
  given: readonly string[] | undefined,
  path: Path,
  { names, gateways }: Surroundings,
): readonly Gateway[] => {
  if (given === undefined) return gateways;
  return given.flatMap((tier, index) => {
    const found = gateways.filter((gateway) => gateway.tier === tier);
    if (found.length === 0) {
      const hint = suggestion(
        tier,
        gateways.map((one) => one.tier),
        'tiers of the gateways',
      );
      names.problems.push(problem([...path, index], `no gateway for ${shown(tier)}`, hint));
    }
    return found;
  });
};

const expectedOf = (
  test: TestForm,
  path: Path,
  cells: readonly Unexpected[],
  names: Names,
): readonly Cell[] => {
  const rules = test.expected.map((rule, index) => {
    const own = [...path, 'expected', index];
    const { decision, by } = rule;
    const expected: Expected = { decision: decision === 'ALLOW' ? 'allow' : 'deny', by, errors: 0 };
    const before = names.problems.length;
    const matches = matcherOf(rule, own, cells, names);
    return { path: own, matches, expected, cells: 0, isSound: names.problems.length === before };
  });
  const overlaps = new Map<string, { readonly problem: () => Problem }>();
  const told = cells.map((cell): Cell => {
    const [first, second] = rules.filter(({ matches }) => matches(cell));
    if (first === undefined) return { ...cell, expected: DENY, path };
    first.cells += 1;
    if (second !== undefined) {
      second.cells += 1;
      const key = JSON.stringify([first.path, second.path]);
      if (!overlaps.has(key)) overlaps.set(key, { problem: () => overlap(cell, first, second) });
    }
    return { ...cell, expected: first.expected, path: first.path };
  });
  names.problems.push(
    ...[...overlaps.values()].map(({ problem: told }) => told()),
    ...(cells.length === 0 ? [] : rules)
      .filter((rule) => rule.isSound && rule.cells === 0)
      .map((rule) => problem(rule.path, 'expects something of no cell of the test')),
  );
  return told;
};

const overlap = (
  { principal, tool, input, now }: Unexpected,
  first: { readonly path: Path },
  second: { readonly path: Path },
): Problem =>
  problem(
    second.path,
    `expects something of \`${principal}\`, \`${tool.name}\`, \`${input}\`, \`${now}\` a second time`,
    `the first is expected[${first.path.at(-1)}]: leave the cell out of one of them`,
  );

/** Whether a cell is meant by an expectation; names that the test does not use are complained of. */
const matcherOf = (
  rule: Which,
  path: Path,
  cells: readonly Unexpected[],
  names: Names,
): ((cell: Unexpected) => boolean) => {
  const before = names.problems.length;
  const principals = pick('principals', rule.principals, (cell) => [cell.principal]);
  const inputs = pick('inputs', rule.inputs, (cell) => [cell.input]);
  const instants = pick('instants', rule.now, (cell) => [cell.now], 'now');
  const tools = pick('tools', rule.tools, ({ tool }) => [tool.name, actionOf(tool)]);
  const { gateways } = rule;
  if (gateways !== undefined && names.problems.length === before) {
    for (const [index, tier] of gateways.entries())
      if (!cells.some(({ gateway }) => gateway.tier === tier))
        foreign(tier, [...path, 'gateways', index]);
  }
  return (cell) =>
    [principals, inputs, instants, tools].every((matches) => matches(cell)) &&
    (gateways === undefined || gateways.includes(cell.gateway.tier));

  function pick(
    kind: 'principals' | 'inputs' | 'instants' | 'tools',
    given: readonly string[] | undefined,
    of: (cell: Unexpected) => readonly string[],
    key: string = kind,
  ): (cell: Unexpected) => boolean {
    if (given === undefined) return () => true;
    const used = new Set(cells.flatMap(of));
    const wanted = new Set(
      given.flatMap((name, index) => {
        const found = names.all(kind, [name], [...path, key, index]);
        if (found.length > 0 && !found.some((each) => used.has(each)) && cells.length > 0)
          foreign(name, [...path, key, index]);
        return found;
      }),
    );
    return (cell) => of(cell).some((name) => wanted.has(name));
  }

  function foreign(name: string, at: Path): void {
    names.problems.push(problem(at, `${shown(name)} is no part of this test`));
  }
};

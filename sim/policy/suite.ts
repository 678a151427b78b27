// Which questions does a suite ask: its matrix of principals, tools, inputs and instants, as cases.

import type { PolicyQuestion } from '../domain/ports.ts';
import { actionOf } from '../domain/tool.ts';
import { type Complaint, UsageError } from '../domain/usage-error.ts';
import type { PolicyFolder } from '../policy.ts';
import { inputProblem } from '../protocol/cedar.ts';
import { readYaml } from '../scenario/positions.ts';
import { type Problem, problem, problemsOf, suggestion, worded } from '../scenario/wording.ts';
import type { Case } from './case.ts';
import { behindGateways } from './gateways.ts';
import { type Cell, cellsOf } from './suite/cells.ts';
import { SUITE, type SuiteForm } from './suite/form.ts';
import { Names } from './suite/names.ts';

/** What a suite is held against. */
export type Tested = Pick<PolicyFolder, 'gateways' | 'policies'>;

/**
 * Reads a suite (YAML) into its cases. `file` is only shown. Throws a UsageError with every
 * complaint: unknown names, inputs that do not fit a tool, and two expectations for one cell.
 */
export const readSuite = (source: string, file: string, tested: Tested): readonly Case[] => {
  const { complaints, data, complaintOf } = readYaml(source, file);
  if (complaints.length > 0) throw new UsageError(complaints);
  const read = SUITE.safeParse(data, { error: worded, reportInput: true });
  if (!read.success) throw new UsageError(problemsOf(read.error.issues).map(complaintOf));
  const suite = read.data;
  const names = new Names(suite, toolNames(tested));
  const tests = suite.tests.map((test, index) => {
    const path = ['tests', index];
    const around = { names, gateways: tested.gateways, now: suite.now };
    return { test, path, cells: cellsOf(test, path, around) };
  });
  const problems = [
    ...names.problems,
    ...twiceNamed(suite),
    ...tests.flatMap(({ cells, path }) => misfits(suite, cells, path)),
    ...unknownPolicies(suite, tested),
  ];
  if (problems.length > 0) throw new UsageError(problems.map(complaintOf).sort(byPlace));
  return tests.flatMap(({ test, cells }) => {
    const places = new Map<string, Case['place']>();
    return cells.map((cell) => {
      const key = JSON.stringify(cell.path);
      const known = places.get(key);
      const { line = 1, column = 1 } = known ?? complaintOf(problem(cell.path, ''));
      const place = known ?? { file, line, column };
      places.set(key, place);
      return {
        suite: suite.suite,
        test: test.name,
        cell: cellName(cell, tested),
        question: questionOf(cell, suite, names),
        expected: cell.expected,
        place,
      };
    });
  });
};

const byPlace = (left: Complaint, right: Complaint): number =>
  (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);

const toolNames = ({ gateways }: Tested): readonly string[] => [
  ...new Set(behindGateways(gateways).flatMap((tool) => [tool.name, actionOf(tool)])),
];

const cellName = ({ principal, gateway, tool, input, now }: Cell, { gateways }: Tested): string => {
  const isForeign = !gateway.tools.some((own) => actionOf(own) === actionOf(tool));
  const name = isForeign ? actionOf(tool) : tool.name;
  const at = gateways.length > 1 ? ` at ${gateway.tier}` : '';
  return `${principal}, ${name}${at}, ${input}, ${now}`;
};

const questionOf = (cell: Cell, suite: SuiteForm, names: Names): PolicyQuestion => {
  const { id, tags } = suite.principals[cell.principal] ?? { tags: {} };
  return {
    principal: { id: id ?? cell.principal, tags },
    action: actionOf(cell.tool),
    gateway: cell.gateway.arn,
    input: suite.inputs[cell.input] ?? {},
    nowUs: names.instantUs(cell.now),
  };
};

const twiceNamed = ({ tests }: SuiteForm): readonly Problem[] =>
  tests.flatMap(({ name }, index) => {
    const isFirst = tests.findIndex((other) => other.name === name) === index;
    return isFirst ? [] : [problem(['tests', index, 'name'], `two tests are called \`${name}\``)];
  });

/** What is malformed is refused before any policy is asked, which would prove nothing of policies. */
const misfits = (
  suite: SuiteForm,
  cells: readonly Cell[],
  path: readonly (string | number)[],
): readonly Problem[] => {
  const seen = new Set<string>();
  return cells.flatMap(({ tool, input }) => {
    const key = JSON.stringify([actionOf(tool), input]);
    if (seen.has(key)) return [];
    seen.add(key);
    const misfit = inputProblem(tool.inputSchema, suite.inputs[input] ?? {});
    if (misfit === undefined) return [];
    const hint = 'give tools that take other arguments a test of their own';
    const message = `\`${input}\` does not fit \`${tool.name}\`: ${misfit}`;
    return [problem([...path, 'inputs'], message, hint)];
  });
};

const unknownPolicies = (suite: SuiteForm, { policies }: Tested): readonly Problem[] => {
  const known = policies.policies.map(({ id }) => id);
  return suite.tests.flatMap(({ expected }, index) =>
    expected.flatMap(({ by }, rule) =>
      by.flatMap((id, at) => {
        if (known.includes(id)) return [];
        const path = ['tests', index, 'expected', rule, 'by', at];
        return [problem(path, `unknown policy \`${id}\``, suggestion(id, known, 'known policies'))];
      }),
    ),
  );
};

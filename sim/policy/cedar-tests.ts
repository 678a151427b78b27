// What do the tests of `cedar run-tests` ask: its JSON, read as cases.

import { z } from 'zod';
import { actionOf } from '../domain/tool.ts';
import { UsageError } from '../domain/usage-error.ts';
import { isRecord } from '../domain/wire.ts';
import { parseInstantUs } from '../kernel/calendar.ts';
import { ACTION_TYPE, GATEWAY_TYPE, inputProblem, PRINCIPAL_TYPE } from '../protocol/cedar.ts';
import { prose, text, whole } from '../scenario/forms.ts';
import { readYaml } from '../scenario/positions.ts';
import {
  expecting,
  type Problem,
  problem,
  problemsOf,
  suggestion,
  worded,
} from '../scenario/wording.ts';
import type { Case } from './case.ts';
import { behindGateways } from './gateways.ts';
import type { Tested } from './suite.ts';

const entityOf = (type: string) =>
  text(
    new RegExp(`^${type}::"(?:[^"\\\\]|\\\\.)*"$`),
    `an entity such as \`${type}::"…"\``,
  ).transform((each) => JSON.parse(each.slice(type.length + 2)) as string);

const UID = z.preprocess(
  (given) => (isRecord(given) && '__entity' in given ? given['__entity'] : given),
  z.strictObject({ type: z.string(), id: z.string() }),
);

const TEST = z.strictObject({
  name: prose(300).optional(),
  request: z.strictObject({
    principal: entityOf(PRINCIPAL_TYPE),
    action: entityOf(ACTION_TYPE),
    resource: entityOf(GATEWAY_TYPE),
    context: z.strictObject({
      input: z.record(z.string(), z.unknown()),
      system: z.strictObject({
        now: z.strictObject({
          __extn: z.strictObject({
            fn: z.literal('datetime'),
            arg: z.string().refine((each) => instantOf(each) !== undefined, {
              error: expecting('an instant such as `2026-03-02T00:00:00Z`'),
            }),
          }),
        }),
      }),
    }),
  }),
  entities: z.array(
    z.looseObject({
      uid: UID,
      tags: z.record(z.string(), z.string()).default(() => ({})),
    }),
    { error: expecting('a list of entities (a file of them is not read here)') },
  ),
  decision: z.enum(['allow', 'deny']),
  reason: z.array(z.string()),
  num_errors: whole(0, 1000),
});

const TESTS = z
  .array(TEST, { error: expecting('a list of tests') })
  .min(1, { error: 'is empty\nexpected at least one test' });

type Test = z.output<typeof TEST>;

/**
 * Reads tests in the JSON of `cedar run-tests`. Source: cedar-policy-cli 4.12.0, run_test.rs. The
 * engine denies where a policy fails, which Cedar alone would skip. Throws a UsageError with every
 * complaint.
 */
export const readCedarTests = (source: string, file: string, tested: Tested): readonly Case[] => {
  const { complaints, data, complaintOf } = readYaml(source, file);
  if (complaints.length > 0) throw new UsageError(complaints);
  const read = TESTS.safeParse(data, { error: worded, reportInput: true });
  if (!read.success) throw new UsageError(problemsOf(read.error.issues).map(complaintOf));
  const problems = read.data.flatMap((test, index) => problemsWith(test, index, tested));
  if (problems.length > 0) throw new UsageError(problems.map(complaintOf));
  return read.data.map((test, index) => {
    const { line = 1, column = 1 } = complaintOf(problem([index], ''));
    return caseOf(test, index, { file, line, column });
  });
};

const caseOf = (test: Test, index: number, place: Case['place']): Case => {
  const { request, entities, decision, reason, num_errors: errors } = test;
  const own = entities.find(
    ({ uid }) => uid.type === PRINCIPAL_TYPE && uid.id === request.principal,
  );
  const { input, system } = request.context;
  return {
    suite: place.file,
    test: test.name ?? `test ${index + 1}`,
    cell: `${request.principal}, ${request.action}`,
    question: {
      principal: { id: request.principal, tags: own?.tags ?? {} },
      action: request.action,
      gateway: request.resource,
      input: plain(input) as Readonly<Record<string, unknown>>,
      nowUs: instantOf(system.now.__extn.arg) ?? 0,
    },
    expected: { decision, by: reason, errors },
    place,
  };
};

const problemsWith = (test: Test, index: number, { gateways, policies }: Tested): Problem[] => {
  const { action, context } = test.request;
  const known = behindGateways(gateways);
  const ids = policies.policies.map(({ id }) => id);
  const tool = known.find((each) => actionOf(each) === action);
  const path = [index, 'request'];
  const found: Problem[] = [];
  if (tool === undefined) {
    const hint = suggestion(action, known.map(actionOf), 'known actions');
    found.push(problem([...path, 'action'], `unknown action \`${action}\``, hint));
  } else {
    const input = plain(context.input) as Readonly<Record<string, unknown>>;
    const misfit = inputProblem(tool.inputSchema, input);
    if (misfit !== undefined)
      found.push(problem([...path, 'context', 'input'], `does not fit: ${misfit}`));
  }
  for (const [at, id] of test.reason.entries())
    if (!ids.includes(id))
      found.push(
        problem(
          [index, 'reason', at],
          `unknown policy \`${id}\``,
          suggestion(id, ids, 'known policies'),
        ),
      );
  return found;
};

/** Cedar's JSON as plain JSON: decimals are numbers. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  const extension = value['__extn'];
  if (isRecord(extension) && extension['fn'] === 'decimal') return Number(extension['arg']);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
};

/** Cedar takes a date alone, too, and a zone as `+hhmm`. */
const instantOf = (given: string): number | undefined =>
  parseInstantUs(
    given.includes('T') ? given.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') : `${given}T00:00:00Z`,
  );

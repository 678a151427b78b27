// What does an example ask: one question as JSON, whose folder says how it must be answered.

import { z } from 'zod';
import { actionOf } from '../domain/tool.ts';
import { UsageError } from '../domain/usage-error.ts';
import { inputProblem } from '../protocol/cedar.ts';
import { instant, prose } from '../scenario/forms.ts';
import { readYaml } from '../scenario/positions.ts';
import {
  expecting,
  type Problem,
  problem,
  problemsOf,
  suggestion,
  worded,
} from '../scenario/wording.ts';
import type { Case, Expected } from './case.ts';
import { behindGateways } from './gateways.ts';
import type { Tested } from './suite.ts';

const EXAMPLE = z.strictObject({
  because: prose(1000).optional(),
  principal: z.strictObject({
    id: prose(200),
    tags: z
      .record(z.string().min(1), z.string({ error: expecting('a text: tags are texts') }))
      .default(() => ({})),
  }),
  /** `Target___tool`, or the tool's name alone. */
  tool: prose(400),
  /** The tier of the gateway that is asked. */
  gateway: prose(100),
  input: z.record(z.string(), z.unknown()).default(() => ({})),
  now: instant(),
  by: z.array(prose(1000)).default(() => []),
});

type Example = z.output<typeof EXAMPLE>;

/** Reads an example; `decision` comes from its folder. Throws a UsageError with every complaint. */
export const readExample = (
  source: string,
  file: string,
  decision: Expected['decision'],
  tested: Tested,
): Case => {
  const { complaints, data, complaintOf } = readYaml(source, file);
  if (complaints.length > 0) throw new UsageError(complaints);
  const read = EXAMPLE.safeParse(data, { error: worded, reportInput: true });
  if (!read.success) throw new UsageError(problemsOf(read.error.issues).map(complaintOf));
  const example = read.data;
  const { principal, input, now: nowUs, by } = example;
  const { action, gateway, problems } = placeOf(example, tested);
  if (problems.length > 0) throw new UsageError(problems.map(complaintOf));
  return {
    suite: `examples that must be ${decision === 'allow' ? 'allowed' : 'denied'}`,
    test: example.because ?? 'as the folder says',
    cell: `${principal.id}, ${example.tool} at ${example.gateway}`,
    question: { principal, action, gateway, input, nowUs },
    expected: { decision, by, errors: 0 },
    place: { file, line: 1, column: 1 },
  };
};

const placeOf = (example: Example, { gateways, policies }: Tested) => {
  const problems: Problem[] = [];
  const tiers = gateways.map(({ tier }) => tier);
  const gateway = gateways.find(({ tier }) => tier === example.gateway);
  if (gateway === undefined) {
    const hint = suggestion(example.gateway, tiers, 'tiers of the gateways');
    problems.push(problem(['gateway'], `no gateway for \`${example.gateway}\``, hint));
  }
  const all = behindGateways(gateways);
  const tool =
    all.find((each) => actionOf(each) === example.tool) ??
    all.find((each) => each.gateway === gateway && each.name === example.tool);
  if (tool === undefined) {
    const known = [...new Set(all.flatMap((each) => [each.name, actionOf(each)]))];
    const hint = suggestion(example.tool, known, 'known tools');
    problems.push(problem(['tool'], `unknown tool \`${example.tool}\` at this gateway`, hint));
  } else {
    const misfit = inputProblem(tool.inputSchema, example.input);
    if (misfit !== undefined) problems.push(problem(['input'], `does not fit: ${misfit}`));
  }
  const ids = policies.policies.map(({ id }) => id);
  for (const [index, id] of example.by.entries())
    if (!ids.includes(id)) {
      const hint = suggestion(id, ids, 'known policies');
      problems.push(problem(['by', index], `unknown policy \`${id}\``, hint));
    }
  const action = tool === undefined ? '' : actionOf(tool);
  return { action, gateway: gateway?.arn ?? '', problems };
};

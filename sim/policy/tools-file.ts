// Which tools does the user have: `tools.json` or `tools.yaml`, read with every complaint in place.

import { z } from 'zod';
import type { InputSchema, ObjectSchema } from '../domain/tool.ts';
import { UsageError } from '../domain/usage-error.ts';
import { name, text } from '../scenario/forms.ts';
import { readYaml } from '../scenario/positions.ts';
import {
  expecting,
  type Problem,
  problem,
  problemsOf,
  suggestion,
  worded,
} from '../scenario/wording.ts';
import type { Gateway } from './gateways.ts';

/**
 * Reads the gateways of a policy folder and the tools behind them, in the manner of MCP. `file` is
 * only shown. Throws a UsageError with every complaint.
 */
export const readToolsFile = (source: string, file: string): readonly Gateway[] => {
  // JSON is YAML, and so both are read with their places.
  const { complaints, data, complaintOf } = readYaml(source, file);
  if (complaints.length > 0) throw new UsageError(complaints);
  const read = DOCUMENT.safeParse(data, { error: worded, reportInput: true });
  if (!read.success) throw new UsageError(problemsOf(read.error.issues).map(complaintOf));
  const problems = [...targetProblems(read.data), ...toolProblems(read.data)];
  if (problems.length > 0) throw new UsageError(problems.map(complaintOf));
  return gatewaysOf(read.data);
};

const NAME = text(
  /^[A-Za-z][A-Za-z0-9_-]{0,99}$/,
  'a name of letters, digits, `_` and `-` that begins with a letter',
);

/** What changes no type for Cedar may stand there and is kept out of the schema. */
const WORDS = { title: z.string().optional(), description: z.string().optional() };
const LOOSE = { ...WORDS, default: z.unknown().optional(), examples: z.unknown().optional() };
const bound = () => z.int().min(0).optional();

const SCHEMA: z.ZodType<InputSchema> = z.lazy(() =>
  z.discriminatedUnion('type', [
    OBJECT,
    z.strictObject({
      ...LOOSE,
      type: z.literal('array'),
      items: SCHEMA,
      minItems: bound(),
      maxItems: bound(),
      uniqueItems: z.boolean().optional(),
    }),
    z.strictObject({
      ...LOOSE,
      type: z.literal('string'),
      minLength: bound(),
      maxLength: bound(),
      enum: z.array(z.string()).optional(),
      pattern: z.string().optional(),
      format: z.string().optional(),
    }),
    z.strictObject({
      ...LOOSE,
      type: z.enum(['integer', 'number']),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      enum: z.array(z.number()).optional(),
    }),
    z.strictObject({ ...LOOSE, type: z.literal('boolean') }),
  ]),
) as z.ZodType<InputSchema>;

const FIELD = text(/^(?!__).{1,100}$/u, 'the name of a field, not beginning with `__`');

const OBJECT = z
  .strictObject({
    ...LOOSE,
    type: z.literal('object'),
    properties: z.record(FIELD, SCHEMA).default(() => ({})),
    required: z.array(z.string()).default(() => []),
    additionalProperties: z
      .literal(false, { error: expecting('`false`: Cedar’s records are closed') })
      .default(false),
  })
  .superRefine(({ properties, required }, context) => {
    for (const [index, field] of required.entries())
      if (!Object.hasOwn(properties, field))
        context.addIssue({
          code: 'custom',
          path: ['required', index],
          message: `\`${field}\` is required and not declared\n${suggestion(field, Object.keys(properties), 'declared properties')}`,
        });
  });

const DOCUMENT = z.strictObject({
  gateways: z
    .array(
      z.strictObject({
        tier: name(),
        arn: text(/^.{1,400}$/u, 'the ARN of a gateway'),
        targets: z.array(NAME).min(1),
      }),
    )
    .min(1),
  tools: z
    .array(
      z.strictObject({
        name: NAME,
        description: z.string().default(''),
        targets: z.array(NAME).min(1),
        inputSchema: OBJECT as unknown as z.ZodType<ObjectSchema>,
      }),
    )
    .min(1),
});

type Document = z.output<typeof DOCUMENT>;

const targetProblems = ({ gateways }: Document): Problem[] => {
  const seen = new Set<string>();
  return gateways.flatMap(({ tier, arn, targets }, index) =>
    [
      ['tier', `tier ${tier}`, `two gateways serve the tier \`${tier}\``] as const,
      ['arn', `arn ${arn}`, `two gateways have the ARN \`${arn}\``] as const,
      ...targets.map(
        (target, at) =>
          [at, `target ${target}`, `target \`${target}\` stands behind two gateways`] as const,
      ),
    ].flatMap(([at, key, message]) => {
      const isFirst = !seen.has(key);
      seen.add(key);
      const path = typeof at === 'number' ? ['targets', at] : [at];
      return isFirst ? [] : [problem(['gateways', index, ...path], message)];
    }),
  );
};

const toolProblems = ({ gateways, tools }: Document): Problem[] => {
  const known = [...new Set(gateways.flatMap(({ targets }) => targets))];
  const seen = new Set<string>();
  return tools.flatMap(({ name: tool, targets }, index) =>
    targets.flatMap((target, at) => {
      const path = ['tools', index, 'targets', at];
      const action = `${target}___${tool}`;
      if (!known.includes(target)) {
        const hint = suggestion(target, known, 'targets of the gateways');
        return [problem(path, `unknown target \`${target}\``, hint)];
      }
      if (seen.has(action)) return [problem(path, `two tools are called \`${action}\``)];
      seen.add(action);
      return [];
    }),
  );
};

const gatewaysOf = ({ gateways, tools }: Document): readonly Gateway[] =>
  gateways.map(({ tier, arn, targets }) => ({
    tier,
    arn,
    tools: targets.flatMap((target) =>
      tools
        .filter((tool) => tool.targets.includes(target))
        .map(({ name: tool, description, inputSchema }) => ({
          target,
          name: tool,
          description,
          inputSchema,
        })),
    ),
  }));

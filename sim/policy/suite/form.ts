// What may stand in a suite: principals, inputs, instants, groups of them, and tests with expectations.

import { z } from 'zod';
import { instant, prose, text } from '../../scenario/forms.ts';
import { expecting } from '../../scenario/wording.ts';

const NAME = text(
  /^[\p{L}\p{N}_][\p{L}\p{N}_.:@/+-]{0,99}$/u,
  'a name of at most 100 letters, digits or any of `_.:@/+-`',
);

/** A name alone is a list of one. */
const names = () =>
  z.preprocess(
    (given) => (typeof given === 'string' ? [given] : given),
    z.array(NAME, { error: expecting('a name or a list of names') }).min(1),
  );

const tags = z.record(z.string().min(1), z.string({ error: expecting('a text: tags are texts') }));

const groups = z.record(NAME, z.array(NAME).min(1)).default(() => ({}));

/** Which cells of a test are meant; what is left out means all. */
const WHICH = {
  principals: names().optional(),
  gateways: names().optional(),
  tools: names().optional(),
  inputs: names().optional(),
  now: names().optional(),
};

const DECISION = z.enum(['ALLOW', 'DENY']);

const EXPECTATION = z.strictObject({
  ...WHICH,
  decision: DECISION,
  /** Ids of policies that must be among those that decide. */
  by: z.array(prose(1000)).default(() => []),
});

const TEST = z.strictObject({
  name: prose(200),
  ...WHICH,
  principals: names(),
  tools: names(),
  inputs: names(),
  expected: z.array(EXPECTATION).default(() => []),
});

export const SUITE = z.strictObject({
  suite: prose(200),
  description: prose(2000).optional(),
  /** For tests that name no instant of their own. */
  now: NAME.optional(),
  principals: z.record(
    NAME,
    z.strictObject({ id: prose(200).optional(), tags: tags.default(() => ({})) }),
  ),
  inputs: z.record(NAME, z.record(z.string(), z.unknown())),
  instants: z.record(NAME, instant()).default(() => ({})),
  groups: z
    .strictObject({ principals: groups, inputs: groups, instants: groups, tools: groups })
    .prefault({}),
  tests: z.array(TEST).min(1),
});

export type SuiteForm = z.output<typeof SUITE>;
export type TestForm = SuiteForm['tests'][number];
export type Which = Pick<TestForm, 'gateways' | 'now'> & {
  readonly [K in 'principals' | 'tools' | 'inputs']?: readonly string[] | undefined;
};

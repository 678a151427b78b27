// What is the form of bench.json: what decisions took on this machine?

import { z } from 'zod';
import type {
  BenchedMemory,
  BenchedRatio,
  BenchedWay,
  EntitiesRow,
  Estimate,
  PoliciesRow,
  PolicyBench,
} from '../../domain/policy-bench.ts';
import { count, type Form, measure, OUTCOME, shaped, texts, VERDICT } from '../form.ts';

const ESTIMATE_MEMBERS = {
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
};

const ESTIMATE = shaped<Estimate>('Estimate')(ESTIMATE_MEMBERS);

const RATIO = shaped<BenchedRatio>('BenchedRatio')({
  ...ESTIMATE_MEMBERS,
  control: ESTIMATE,
  controlIsOff: z.boolean(),
  clearsControl: z.boolean(),
});

const WAY = shaped<BenchedWay>('BenchedWay')({
  way: z.enum(['naive', 'prepared', 'sliced', 'engine', 'remembered']),
  samples: count,
  p50Us: ESTIMATE,
  p90Us: ESTIMATE,
  p99Us: ESTIMATE,
  ratio: RATIO,
});

const POLICIES = shaped<PoliciesRow>('PoliciesRow')({
  policies: count,
  applicable: count,
  rounds: count,
  naiveUs: ESTIMATE,
  preparedUs: ESTIMATE,
  slicedUs: ESTIMATE,
  naiveToSliced: RATIO,
  preparedToSliced: RATIO,
});

const ENTITIES = shaped<EntitiesRow>('EntitiesRow')({
  entities: count,
  rounds: count,
  wholeUs: ESTIMATE,
  // Each is a difference of two medians, and may be below 0 where the machine is restless.
  serialisationUs: z.number(),
  requestUs: z.number(),
  entitiesUs: z.number(),
  policiesUs: z.number(),
  conditionsUs: z.number(),
  control: ESTIMATE,
  controlIsOff: z.boolean(),
});

const MEMORY = shaped<BenchedMemory>('BenchedMemory')({
  decisions: count,
  residentBytes: measure,
  grownBytes: z.number(),
  mostGrownBytes: z.number(),
});

const BENCH = shaped<PolicyBench>('PolicyBench')({
  ...OUTCOME,
  schema: z.literal('poolproof.policy-bench/1'),
  clock: z.literal('measured (wall time)'),
  folder: z.string(),
  verdict: VERDICT,
  policies: count,
  tools: count,
  ways: z.array(WAY),
  byPolicies: z.array(POLICIES),
  byEntities: z.array(ENTITIES),
  memory: MEMORY,
  advice: texts,
  seed: count,
});

export const BENCH_FORM: Form<PolicyBench> = { name: 'policy-bench', schema: BENCH };

// Which platforms charge the wrong one, for the wrong model, at the wrong price, or for what was not used?

import type { UsageRecord } from '../domain/ports.ts';
import { costMicroUsd } from '../domain/price.ts';
import { deceiving, type Make } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { delayed } from './making.ts';
import { ask, FOSTER, NOVAK, SMITH } from './scripting.ts';

const CLASS = 'telemetry and attribution';
const UNSEEN = ['no canary shows it', 'only in telemetry or cost'] as const;

const [BASIC, PREMIUM] = ['mistral.ministral-3-8b-instruct', 'openai.gpt-oss-120b'] as const;

/** Charges that the agent writes, changed or left out. */
const charging = (change: () => (usage: UsageRecord) => UsageRecord | undefined): Make =>
  deceiving('runtime', () => {
    const changed = change();
    return (hop) => ({
      emit: (record) => {
        if (record.kind !== 'usage') return hop.emit(record);
        const usage = changed(record.usage);
        if (usage !== undefined) hop.emit({ kind: 'usage', usage });
      },
    });
  });

const IN_TURN = [ask(SMITH, 'patient_context'), ask(FOSTER, 'patient_context')] as const;

export const CHARGES: readonly SeededFault[] = [
  {
    id: 'runtime-charges-previous',
    class: CLASS,
    does: 'charges go to whoever was charged before',
    source: 'assumed',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charge named one late',
    traits: UNSEEN,
    make: charging(() => {
      const before = delayed<UsageRecord>();
      return (usage) => {
        const { tier, tenant, user } = before(usage);
        return { ...usage, tier, tenant, user };
      };
    }),
    script: IN_TURN,
  },
  {
    id: 'runtime-loses-charges',
    class: CLASS,
    does: 'every fifth charge is lost',
    source: 'assumed: usage records in a queue that drops',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charges dropped',
    traits: UNSEEN,
    make: charging(() => {
      let count = 0;
      return (usage) => {
        count += 1;
        return count % 5 === 0 ? undefined : usage;
      };
    }),
    script: [...IN_TURN, ask(NOVAK, 'patient_context')],
  },
  {
    id: 'runtime-rounds-charges',
    class: CLASS,
    does: 'one output token more is charged than was metered',
    source: 'assumed',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charge rounded up',
    traits: UNSEEN,
    make: charging(() => (usage) => ({ ...usage, outputTokens: usage.outputTokens + 1 })),
    script: IN_TURN,
  },
  {
    id: 'runtime-charges-wrong-tier',
    class: CLASS,
    does: 'a charge names the tenant right and the tier wrong',
    source: 'W72, published sample: the default project',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charge booked to the wrong tier',
    traits: UNSEEN,
    make: charging(() => (usage) => ({
      ...usage,
      tier: usage.tier === 'basic' ? 'premium' : 'basic',
    })),
    script: IN_TURN,
  },
  {
    id: 'runtime-charges-service-account',
    class: CLASS,
    does: 'a charge names the tenant right, and one account for all of its users',
    source: 'assumed: the agent bills as the workload that it is',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charge booked to a service account',
    traits: [...UNSEEN, 'within one tenant'],
    make: charging(() => (usage) => ({ ...usage, user: 'agent' })),
    script: [ask(SMITH, 'talk')],
  },
  {
    id: 'runtime-charges-parent',
    class: CLASS,
    does: 'a charge names the user right, and the first tenant of the tier as the payer',
    source: 'assumed: an account for each tier that was opened by its first tenant',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charge booked to the first tenant',
    traits: UNSEEN,
    make: charging(() => {
      const first = new Map<string, string>();
      return (usage) => {
        const tenant = first.get(usage.tier) ?? usage.tenant;
        first.set(usage.tier, tenant);
        return { ...usage, tenant };
      };
    }),
    script: [ask(FOSTER, 'talk'), ask(NOVAK, 'talk')],
  },
  {
    id: 'runtime-charges-answers-only',
    class: CLASS,
    does: 'what is sent to the model is not charged',
    source: 'assumed: a meter of the stream, which counts what comes back',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'input not charged',
    traits: UNSEEN,
    make: charging(() => (usage) => ({
      ...usage,
      inputTokens: 0,
      costMicroUsd: costMicroUsd(usage.modelId, 0, usage.outputTokens),
    })),
    script: [ask(SMITH, 'talk')],
  },
  {
    id: 'runtime-charges-other-model',
    class: CLASS,
    does: 'the charge for one model is booked to the other',
    source: 'assumed: the model is named once for all tiers',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'charge booked to another model',
    traits: UNSEEN,
    make: charging(() => (usage) => {
      const { inputTokens, outputTokens } = usage;
      const priced = costMicroUsd(BASIC, inputTokens, outputTokens);
      return { ...usage, modelId: BASIC, costMicroUsd: priced };
    }),
    script: [ask(FOSTER, 'talk')],
  },
  {
    id: 'runtime-charges-by-last-price',
    class: CLASS,
    does: 'a charge is counted at the price of the model that was charged before',
    source: 'assumed: one price a process, set when a model is first used',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'price one charge late',
    traits: UNSEEN,
    make: charging(() => {
      const before = delayed<string>();
      return (usage) => {
        const { inputTokens, outputTokens } = usage;
        const priced = costMicroUsd(before(usage.modelId), inputTokens, outputTokens);
        return { ...usage, costMicroUsd: priced };
      };
    }),
    script: IN_TURN,
  },
  {
    id: 'runtime-falls-back-to-premium',
    class: CLASS,
    does: 'every third call of a basic tenant is answered by the premium model, and charged as such',
    source: 'assumed: a router that levels load over models',
    promise: 'I5',
    implies: [],
    boundary: 'runtime',
    mechanism: 'calls routed to the model of another tier',
    traits: UNSEEN,
    make: deceiving('runtime', () => {
      let count = 0;
      let isRouted = false;
      return (hop) => ({
        call: (to, call) => {
          if (to !== 'model' || !call.path.includes(BASIC)) return hop.call(to, call);
          count += 1;
          isRouted = count % 3 === 0;
          return hop.call(
            to,
            isRouted ? { ...call, path: call.path.replace(BASIC, PREMIUM) } : call,
          );
        },
        emit: (record) => {
          if (record.kind !== 'usage' || !isRouted) return hop.emit(record);
          isRouted = false;
          const { inputTokens, outputTokens } = record.usage;
          const priced = costMicroUsd(PREMIUM, inputTokens, outputTokens);
          hop.emit({
            kind: 'usage',
            usage: { ...record.usage, modelId: PREMIUM, costMicroUsd: priced },
          });
        },
      });
    }),
    script: [ask(SMITH, 'talk'), ask(SMITH, 'talk'), ask(SMITH, 'talk')],
  },
];

// Which platforms ask Cedar the wrong thing, or make something else of its answer?

import type { PolicyDecision, PolicyQuestion } from '../domain/ports.ts';
import { type Call, isRecord, parsed } from '../domain/wire.ts';
import { localTime } from '../kernel/calendar.ts';
import { breaking, deceiving, hopWith, type Make, withBody } from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { deciding } from './making.ts';
import { ask, attempt, CHEN, LEE, minutes, PARK, readFirst, SMITH, wait } from './scripting.ts';

const CLASS = 'policy';
/** Ten hours after the scripts begin, every basic clinic is closed. */
const EVENING_US = minutes(600);

/** A policy engine that is asked something else. */
const asking = (change: (question: PolicyQuestion) => PolicyQuestion): Make =>
  deciding((sound) => ({ decide: (question) => sound.decide(change(question)) }));

const tagged = (question: PolicyQuestion, tags: Readonly<Record<string, string>>) => ({
  ...question,
  principal: { ...question.principal, tags: { ...question.principal.tags, ...tags } },
});

/** A policy engine that remembers its decisions by too little. */
const remembering = (keyOf: (question: PolicyQuestion) => readonly unknown[]): Make =>
  deciding((sound) => {
    const known = new Map<string, PolicyDecision>();
    return {
      decide: (question) => {
        const key = JSON.stringify(keyOf(question));
        const decision = known.get(key) ?? sound.decide(question);
        known.set(key, decision);
        return decision;
      },
    };
  });

/** The instant of the same day at which it is that hour for the tenant. */
const atHour = (question: PolicyQuestion, hour: number): PolicyQuestion => {
  const { minutesOfDay } = localTime(question.nowUs, question.principal.tags['zone'] ?? 'UTC');
  return { ...question, nowUs: question.nowUs + minutes(hour * 60 - minutesOfDay) };
};

/** The call of a tool without what no schema knows, and the hour that was among it. */
const withoutHour = (call: Call): { readonly call: Call; readonly hour: unknown } => {
  const params = parsed(call.body)?.['params'];
  const given = isRecord(params) ? params['arguments'] : undefined;
  if (!isRecord(params) || !isRecord(given)) return { call, hour: undefined };
  const { request_hour: hour, tenant: _tenant, tier: _tier, ...rest } = given;
  return { call: withBody(call, { params: { ...params, arguments: rest } }), hour };
};

export const POLICY: readonly SeededFault[] = [
  {
    id: 'gateway-hour-from-argument',
    class: CLASS,
    does: 'the hour of a request is an argument that the model supplies',
    source: 'W23, published sample agentcore_policy.py:57',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'hour from the arguments',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: breaking('gateway', (sound) => (asked, hop) => {
      const { call, hour } = withoutHour(asked);
      return sound(
        call,
        hopWith(hop, (own) => ({
          decide: (question) =>
            own.decide(typeof hour === 'number' ? atHour(question, hour) : question),
        })),
      );
    }),
    script: [
      wait(EVENING_US, attempt(SMITH, SMITH, 'gateway patient_context', { shadow: 'arguments' })),
    ],
  },
  {
    id: 'gateway-web-search-as-premium',
    class: CLASS,
    does: 'the gateway asks the policy for web searches as if everybody were premium',
    source: 'W26, published sample agent.py: a flag that follows the tier',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'premium tool decided for the wrong tier',
    traits: ['no canary shows it'],
    make: deceiving('gateway', () => (hop) => ({
      decide: (question) => {
        if (!question.action.endsWith('___web_search')) return hop.decide(question);
        const action = 'HealthcareLambda-Premium___web_search';
        const gateway = question.gateway.replace('basic', 'premium');
        return hop.decide({ ...tagged(question, { tier: 'premium' }), action, gateway });
      },
    })),
    script: [attempt(SMITH, SMITH, 'gateway web_search')],
  },
  {
    id: 'policy-log-only',
    class: CLASS,
    does: 'the policy permits everything and only logs what it would deny',
    source: 'W27, AgentCore Policy enforcement mode LOG_ONLY',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'mode LOG_ONLY',
    traits: ['no canary shows it'],
    make: deciding((sound) => ({
      decide: (question) => ({ ...sound.decide(question), decision: 'allow', errors: [] }),
    })),
    script: [attempt(SMITH, CHEN, 'gateway patient_context')],
  },
  {
    id: 'policy-ignores-role',
    class: CLASS,
    does: 'the policy takes everybody for a physician',
    source: 'W24, published sample: policies without roles',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'role not looked at',
    traits: ['no canary shows it', 'within one tenant'],
    make: asking((question) => tagged(question, { role: 'physician' })),
    script: [attempt(PARK, PARK, 'gateway patient_context')],
  },
  {
    id: 'policy-denies-nurses',
    class: CLASS,
    does: 'the policy denies nurses what is theirs',
    source: 'assumed',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'a role forgotten',
    traits: ['no canary shows it'],
    make: deciding((sound) => ({
      decide: (question) => {
        const decision = sound.decide(question);
        const isNurse = question.principal.tags['role'] === 'nurse';
        return isNurse ? { ...decision, decision: 'deny' } : decision;
      },
    })),
    script: [ask(LEE, 'patient_context')],
  },
  {
    id: 'policy-hours-missing',
    class: CLASS,
    does: 'the policy that closes basic clinics at night is not in force',
    source: 'W27, AgentCore Policy: a forbid that is missing allows silently',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'opening hours not looked at',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: asking((question) => atHour(question, 12)),
    script: [wait(EVENING_US, ask(SMITH, 'patient_context'))],
  },
  {
    id: 'policy-hours-in-one-zone',
    class: CLASS,
    does: 'the policy takes all clinics for clinics in New York',
    source: 'W31, published sample: business hours by the clock of the server',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'hours in the zone of the server',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: asking((question) => tagged(question, { zone: 'America/New_York' })),
    script: [wait(minutes(510), ask(CHEN, 'patient_context'))],
  },
  {
    id: 'policy-compares-prefix',
    class: CLASS,
    does: 'the policy compares tenants by the part before the dash',
    source: 'assumed: `like` where `==` was meant',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'tenant matched by prefix',
    traits: ['no canary shows it'],
    make: asking((question) => {
      const own = question.principal.tags['tenant'] ?? '';
      const named = String(question.input['clinic_id'] ?? '');
      const [kind = ''] = own.split('-');
      if (!named.startsWith(kind)) return question;
      return { ...question, input: { ...question.input, clinic_id: own } };
    }),
    script: [attempt(SMITH, CHEN, 'gateway patient_context')],
  },
  {
    id: 'policy-cached-without-input',
    class: CLASS,
    does: 'a decision is remembered by principal and action, whatever the input',
    source: 'assumed',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'decision cached without the input',
    traits: ['no canary shows it'],
    make: remembering(({ principal, action }) => [principal.id, action]),
    script: [readFirst(SMITH), attempt(SMITH, CHEN, 'gateway patient_context')],
  },
  {
    id: 'policy-cached-without-principal',
    class: CLASS,
    does: 'a decision is remembered by action and input, whoever asks',
    source: 'assumed',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'decision cached without the principal',
    traits: ['no canary shows it', 'within one tenant'],
    make: remembering(({ action, input }) => [action, input]),
    script: [
      attempt(SMITH, SMITH, 'gateway patient_context'),
      attempt(PARK, SMITH, 'gateway patient_context'),
    ],
  },
  {
    id: 'policy-cached-without-time',
    class: CLASS,
    does: 'a decision is remembered for good, whatever the time',
    source: 'assumed',
    promise: 'I3',
    implies: [],
    boundary: 'policy',
    mechanism: 'decision cached without the time',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: remembering(({ principal, action, input }) => [principal.id, action, input]),
    script: [readFirst(SMITH), wait(EVENING_US, readFirst(SMITH))],
  },
];

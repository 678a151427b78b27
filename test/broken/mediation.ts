// Which platforms do what was not allowed, or allow what is not right?

import type { AccessDecision, PolicyDecision, PolicyPort } from '../../sim/domain/ports.ts';
import { breaking, deceiving, replacing, withBody } from '../../sim/platforms/overriding.ts';
import { reference } from '../../sim/platforms/reference.ts';
import type { Broken } from './break.ts';

/** An allow that nobody asked IAM for. */
export const ALLOWED: AccessDecision = { kind: 'allowed', statement: 'none' };

/** An allow that no policy gave. */
export const PERMITTED: PolicyDecision = {
  decision: 'allow',
  determining: [],
  errors: [],
  cached: false,
};

const answering = (policy: PolicyPort, changed: Partial<PolicyPort>): PolicyPort => ({
  decide: (question) => policy.decide(question),
  mayList: (question) => policy.mayList(question),
  ...changed,
});

export const MEDIATION: readonly Broken[] = [
  {
    does: 'the gateway does not ask the policy',
    under: 'day',
    make: deceiving('gateway', () => () => ({ decide: () => PERMITTED })),
  },
  {
    does: 'the policy permits everything',
    under: 'day',
    make: replacing(({ policy }) => ({ policy: answering(policy, { decide: () => PERMITTED }) })),
  },
  {
    does: 'the policy denies nurses what is theirs',
    under: 'day',
    make: replacing(({ policy }) => ({
      policy: answering(policy, {
        decide: (question) => {
          const decision = policy.decide(question);
          const isNurse = question.principal.tags['role'] === 'nurse';
          return isNurse ? { ...decision, decision: 'deny' } : decision;
        },
      }),
    })),
  },
  {
    does: 'the gateway changes the input after the decision',
    under: 'day',
    make: deceiving('gateway', () => (hop) => ({
      call: (to, call) =>
        hop.call(
          to,
          call.path === '/tools/patient_context' ? withBody(call, { patient_id: 'P1001' }) : call,
        ),
    })),
    implies: ['I10'],
  },
  {
    does: 'the gateway runs each tool twice on one allow',
    under: 'day',
    make: deceiving('gateway', () => (hop) => ({
      call: async (to, call) => {
        if (to === 'tools') await hop.call(to, call);
        return hop.call(to, call);
      },
    })),
  },
  {
    does: 'a denied tool runs all the same, and its answer is thrown away',
    under: 'day',
    make: deceiving('gateway', () => (hop, call) => ({
      decide: (question) => {
        const decision = hop.decide(question);
        if (decision.decision === 'deny') {
          const path = `/tools/${question.action.replace(/^.*___/, '')}`;
          void hop.call('tools', { ...call, path, body: JSON.stringify(question.input) });
        }
        return decision;
      },
    })),
  },
  {
    does: 'the table reads before it asks IAM',
    under: 'day',
    make: breaking('table', (sound) => (call, hop) => {
      const key = /"pk":\{"S":"([^"]+)"/.exec(call.body)?.[1];
      if (key !== undefined) hop.store('table').query(key);
      return sound(call, hop);
    }),
  },
  {
    does: 'IAM lets every session read every partition of the table',
    under: 'day',
    make: (kit) => {
      const text = JSON.stringify(kit.iamDocuments);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's
      const wide = text.replaceAll('T#${aws:PrincipalTag/ClinicId}', 'T#*');
      const widened = wide.replaceAll('ForAllValues:StringEquals', 'ForAllValues:StringLike');
      return reference({ ...kit, iamDocuments: JSON.parse(widened) as typeof kit.iamDocuments });
    },
    implies: ['I1'],
  },
  {
    does: 'IAM scopes memory by the tenant and not by the actor',
    under: 'day',
    make: (kit) => {
      const text = JSON.stringify(kit.iamDocuments);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's
      const wide = text.replaceAll('/${aws:PrincipalTag/Actor}/*', '/*');
      return reference({ ...kit, iamDocuments: JSON.parse(wide) as typeof kit.iamDocuments });
    },
    implies: ['I1'],
  },
];

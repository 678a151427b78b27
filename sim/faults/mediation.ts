// Which platforms do what nobody decided, or let callers in past the door that decides?

import type { AccessDecision } from '../domain/ports.ts';
import { header } from '../domain/wire.ts';
import { breaking, deceiving, withBody } from '../platforms/overriding.ts';
import { reference } from '../platforms/reference.ts';
import type { SeededFault } from './fault.ts';
import { ALLOWED, PERMITTED, underIam } from './making.ts';
import { ask, attempt, CHEN, FOSTER, NOVAK, PARK, SMITH, searchFirst } from './scripting.ts';

const CLASS = 'mediation';

export const MEDIATION: readonly SeededFault[] = [
  {
    id: 'gateway-skips-policy',
    class: CLASS,
    does: 'the gateway does not ask the policy',
    source: 'W27, AgentCore Gateway: the engine is not attached after an update',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'policy not asked',
    traits: ['no canary shows it'],
    make: deceiving('gateway', () => () => ({ decide: () => PERMITTED })),
    script: [ask(SMITH, 'patient_context')],
  },
  {
    id: 'gateway-changes-input-after-allow',
    class: CLASS,
    does: 'the gateway changes the input after the decision',
    source: 'assumed: an interceptor behind the policy',
    promise: 'I3',
    implies: ['I10'],
    boundary: 'gateway',
    mechanism: 'input rewritten behind the decision',
    traits: ['no canary shows it'],
    make: deceiving('gateway', () => (hop) => ({
      call: (to, call) =>
        hop.call(
          to,
          call.path === '/tools/patient_context' ? withBody(call, { patient_id: 'P1001' }) : call,
        ),
    })),
    script: [
      ask(SMITH, 'patient_context', 'one'),
      ask(FOSTER, 'patient_context', 'two'),
      ask(NOVAK, 'patient_context'),
    ],
  },
  {
    id: 'gateway-runs-denied-tools',
    class: CLASS,
    does: 'a denied tool runs all the same, and its answer is thrown away',
    source: 'assumed: decision and call run side by side',
    promise: 'I3',
    implies: [],
    boundary: 'gateway',
    mechanism: 'tool runs beside the decision',
    traits: ['no canary shows it'],
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
    script: [attempt(SMITH, CHEN, 'gateway patient_context')],
  },
  {
    id: 'table-reads-before-iam',
    class: CLASS,
    does: 'the table reads before it asks IAM',
    source: 'assumed',
    promise: 'I3',
    implies: [],
    boundary: 'table',
    mechanism: 'read ahead of the decision',
    traits: ['no canary shows it'],
    make: breaking('table', (sound) => (call, hop) => {
      const key = /"pk":\{"S":"([^"]+)"/.exec(call.body)?.[1];
      if (key !== undefined) hop.store('table').query(key);
      return sound(call, hop);
    }),
    script: [attempt(SMITH, CHEN, 'table GetItem')],
  },
  {
    id: 'knowledge-remembers-iam',
    class: CLASS,
    does: 'the knowledge base asks IAM once for a session, and remembers the answer',
    source: 'assumed: a cache that outlives a change of policy',
    promise: 'I3',
    implies: ['I4'],
    boundary: 'knowledge',
    mechanism: 'decision of IAM remembered',
    traits: ['no canary shows it', 'within one tenant'],
    make: deceiving('knowledge', () => {
      const known = new Map<string, AccessDecision>();
      return (hop) => ({
        authorize: (question) => {
          const key = `${question.sessionToken} ${question.resource}`;
          const decision = known.get(key) ?? hop.authorize(question);
          known.set(key, decision);
          return decision;
        },
      });
    }),
    script: [searchFirst(FOSTER), searchFirst(FOSTER)],
  },
  {
    id: 'table-ignores-iam',
    class: CLASS,
    does: 'the table ignores IAM',
    source: 'W14, published sample infrastructure.yaml:380',
    promise: 'I1',
    implies: ['I3', 'I7'],
    boundary: 'table',
    mechanism: 'IAM not asked',
    traits: [],
    make: deceiving('table', () => () => ({ authorize: () => ALLOWED })),
    script: [attempt(SMITH, CHEN, 'table GetItem')],
  },
  {
    id: 'iam-any-table-partition',
    class: CLASS,
    does: 'IAM lets every session read every partition of the table',
    source: 'W15, DynamoDB fine-grained access control done naively',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'iam',
    mechanism: 'leading keys by wildcard',
    traits: [],
    make: underIam((text) =>
      text
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's
        .replaceAll('T#${aws:PrincipalTag/ClinicId}', 'T#*')
        .replaceAll('ForAllValues:StringEquals', 'ForAllValues:StringLike'),
    ),
    script: [attempt(SMITH, CHEN, 'table GetItem')],
  },
  {
    id: 'iam-patients-for-administrators',
    class: CLASS,
    does: 'IAM lets administrators read the patients of their clinic',
    source: 'W24, published sample: one role for all who work at a clinic',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'iam',
    mechanism: 'role condition left out',
    traits: ['within one tenant'],
    make: underIam((text) =>
      text.replaceAll('["physician","nurse"]', '["physician","nurse","admin"]'),
    ),
    script: [attempt(PARK, SMITH, 'table Query')],
  },
  {
    id: 'iam-table-for-nobody',
    class: CLASS,
    does: 'IAM lets nobody read the table',
    source: 'assumed: a policy document that was not attached',
    promise: 'I10',
    implies: [],
    boundary: 'iam',
    mechanism: 'grant missing',
    traits: ['no canary shows it'],
    make: (kit) => {
      const granted = Object.entries(kit.iamDocuments).filter(([file]) => !file.includes('table'));
      return {
        ...reference({ ...kit, iamDocuments: Object.fromEntries(granted) }),
        name: 'broken',
      };
    },
    script: [attempt(SMITH, SMITH, 'table GetItem')],
  },
  {
    id: 'runtime-open-to-internet',
    class: CLASS,
    does: 'the runtime answers callers from the internet, past the front door and its limits',
    source: 'W61, published sample: the data-plane endpoint of the runtime',
    promise: 'I3',
    implies: ['I5', 'I6'],
    boundary: 'runtime',
    mechanism: 'network peer not checked',
    traits: ['no canary shows it'],
    make: deceiving('runtime', () => () => ({ peer: 'front-door' })),
    script: [attempt(SMITH, SMITH, 'runtime invoke', { from: 'internet' })],
  },
  {
    id: 'gateway-open-to-internet',
    class: CLASS,
    does: 'the gateway answers callers from the internet, past runtime and limits',
    source: 'W05, published sample agentcore_gateway.py:110',
    promise: 'I3',
    implies: ['I5'],
    boundary: 'gateway',
    mechanism: 'network peer not checked',
    traits: ['no canary shows it'],
    make: deceiving('gateway', () => () => ({ peer: 'runtime' })),
    script: [attempt(SMITH, SMITH, 'gateway patient_context', { from: 'internet' })],
  },
  {
    id: 'tools-open-to-internet',
    class: CLASS,
    does: 'the tools answer callers from the internet, whom no policy has seen',
    source: 'W20, published sample: the token is good at every service of its audience',
    promise: 'I3',
    implies: ['I5'],
    boundary: 'tools',
    mechanism: 'network peer not checked',
    traits: ['no canary shows it'],
    make: deceiving(
      'tools',
      () => (_hop, call) =>
        header(call.headers, 'authorization') === undefined ? {} : { peer: 'gateway' },
    ),
    script: [attempt(SMITH, SMITH, 'tools patient_context', { from: 'internet' })],
  },
];

// Which platforms take a caller's word for who it is: a header, a payload, an argument, baggage?

import { runtimeArn } from '../domain/arn.ts';
import type { PlatformKit } from '../domain/ports.ts';
import { type Call, header, parsed } from '../domain/wire.ts';
import { breaking, breakingAll, claimsIn, hopWith } from '../platforms/overriding.ts';
import { decodeBaggage } from '../protocol/baggage.ts';
import type { SeededFault } from './fault.ts';
import { type Claims, claiming, withoutFields } from './making.ts';
import { ask, attempt, CHEN, FOSTER, JONES, minutes, SMITH, wait } from './scripting.ts';

/** What follows from being taken for another: data, credentials, charges and tokens of another's. */
const AS_ANOTHER = ['I1', 'I3', 'I4', 'I5', 'I7', 'I10'] as const;
const CLASS = 'header and argument trust';
const PAYLOAD_FIELDS = ['tier', 'clinic_id', 'tenant', 'user_id', 'role', 'actor_id', 'actor'];

const inTenant = (call: Call, kit: PlatformKit, tenant: string | undefined): Call =>
  tenant === undefined || tenant === '' || tenant === claimsIn(call)['tenant']
    ? call
    : claiming(call, kit, { tenant, 'custom:clinic_id': tenant });

const asPayloadSays = (call: Call, kit: PlatformKit): Call => {
  const { tenant, user_id: sub, role, actor_id: actor } = parsed(call.body) ?? {};
  if (typeof tenant !== 'string') return call;
  const said: Claims = { tenant, sub, role, actor };
  return claiming(withoutFields(call, ...PAYLOAD_FIELDS), kit, said);
};

const USER_ID = 'x-amzn-bedrock-agentcore-runtime-user-id';

/** The call that goes on, with the user id that came in. */
const passing = (from: Call, to: Call): Call => {
  const user = header(from.headers, USER_ID);
  return user === undefined ? to : { ...to, headers: [...to.headers, [USER_ID, user]] };
};

const argumentIn = (call: Call, name: string): string | undefined => {
  const value = parsed(call.body)?.[name];
  return typeof value === 'string' ? value : undefined;
};

export const HEADER_TRUST: readonly SeededFault[] = [
  {
    id: 'runtime-trusts-payload',
    class: CLASS,
    does: 'the runtime takes tenant and user from the payload and not from the bearer token',
    source: 'W01, published sample main.py:146',
    promise: 'I3',
    implies: AS_ANOTHER,
    boundary: 'runtime',
    mechanism: 'identity from payload fields',
    traits: [],
    make: breaking('runtime', (sound, kit) => (call, hop) => sound(asPayloadSays(call, kit), hop)),
    script: [
      ask(CHEN, 'talk'),
      wait(minutes(1), attempt(SMITH, CHEN, 'front-door talk', { shadow: 'payload' })),
    ],
  },
  {
    id: 'runtime-trusts-user-id-header',
    class: CLASS,
    does: 'the runtime takes the user from the runtime-user-id header',
    source: 'W04, published sample api_gateway_lambda.py:184',
    promise: 'I3',
    implies: AS_ANOTHER,
    boundary: 'runtime',
    mechanism: 'user from a header',
    traits: ['within one tenant'],
    make: breakingAll({
      // The sound front door passes on no header that it does not know.
      'front-door': (sound) => (call, hop) =>
        sound(
          call,
          hopWith(hop, (own) => ({ call: (to, asked) => own.call(to, passing(call, asked)) })),
        ),
      runtime: (sound, kit) => (call, hop) => {
        const actor = header(call.headers, USER_ID);
        return sound(actor === undefined ? call : claiming(call, kit, { actor }), hop);
      },
    }),
    script: [
      ask(JONES, 'talk'),
      wait(minutes(1), attempt(SMITH, JONES, 'front-door talk', { shadow: 'headers' })),
    ],
  },
  {
    id: 'front-door-trusts-tier-header',
    class: CLASS,
    does: 'the front door takes the tier from the header x-tier',
    source: 'W02, published sample api_gateway_lambda.py:153',
    promise: 'I3',
    implies: [...AS_ANOTHER, 'I6'],
    boundary: 'front-door',
    mechanism: 'tier from a header',
    traits: ['no canary shows it'],
    make: breaking('front-door', (sound, kit) => (call, hop) => {
      const tier = header(call.headers, 'x-tier');
      if (tier === undefined || tier === claimsIn(call)['tier']) return sound(call, hop);
      const path = `/runtimes/${encodeURIComponent(runtimeArn(tier))}/invocations`;
      return sound({ ...claiming(call, kit, { tier }), path }, hop);
    }),
    script: [attempt(SMITH, FOSTER, 'front-door web_search', { shadow: 'headers' })],
  },
  {
    id: 'gateway-trusts-tenant-header',
    class: CLASS,
    does: 'the gateway lets the tenant header of a caller stand',
    source: 'W10, published sample agentcore_gateway.py metadata_config',
    promise: 'I1',
    implies: AS_ANOTHER,
    boundary: 'gateway',
    mechanism: 'tenant from a header',
    traits: [],
    make: breaking(
      'gateway',
      (sound, kit) => (call, hop) =>
        sound(inTenant(call, kit, header(call.headers, 'x-clinic-id')), hop),
    ),
    script: [attempt(SMITH, CHEN, 'gateway patient_context', { shadow: 'headers' })],
  },
  {
    id: 'front-door-trusts-baggage',
    class: CLASS,
    does: 'the front door reads the tenant from the baggage to authorize',
    source: 'W68, W3C Baggage: not to be trusted across a boundary',
    promise: 'I1',
    implies: AS_ANOTHER,
    boundary: 'front-door',
    mechanism: 'tenant from baggage',
    traits: [],
    make: breaking(
      'front-door',
      (sound, kit) => (call, hop) =>
        sound(
          inTenant(call, kit, decodeBaggage(header(call.headers, 'baggage'))['tenant.id']),
          hop,
        ),
    ),
    script: [attempt(SMITH, CHEN, 'front-door patient_context', { shadow: 'baggage' })],
  },
  {
    id: 'tools-trust-tenant-header',
    class: CLASS,
    does: 'the tools read the data of the tenant that a header names',
    source: 'W10 and W14, published sample patient_context.py',
    promise: 'I1',
    implies: AS_ANOTHER,
    boundary: 'tools',
    mechanism: 'tenant from a header',
    traits: [],
    make: breaking('tools', (sound, kit) => (call, hop) => {
      const tenant = header(call.headers, 'x-tenant-id');
      // The sound tools take calls from the gateway alone, which sets that header itself.
      return sound(
        inTenant(call, kit, tenant),
        hopWith(hop, () => ({ peer: 'gateway' })),
      );
    }),
    script: [attempt(SMITH, CHEN, 'tools patient_context', { shadow: 'headers' })],
  },
  {
    id: 'tools-configuration-of-argument',
    class: CLASS,
    does: 'the configuration tool takes the clinic from an argument of the model',
    source: 'W13, published sample clinic_config.py:69',
    promise: 'I1',
    implies: AS_ANOTHER,
    boundary: 'tools',
    mechanism: 'tenant from the argument clinic_id',
    traits: [],
    make: breakingAll({
      // Cedar would deny another's clinic_id: the sample's policies do not look at it.
      gateway: (sound) => (call, hop) =>
        sound(
          call,
          hopWith(hop, (own) => ({
            decide: (question) => {
              const { tenant } = question.principal.tags;
              const input = { ...question.input, clinic_id: tenant };
              return own.decide('clinic_id' in question.input ? { ...question, input } : question);
            },
          })),
        ),
      tools: (sound, kit) => (call, hop) =>
        sound(
          call.path === '/tools/clinic_config'
            ? inTenant(call, kit, argumentIn(call, 'clinic_id'))
            : call,
          hop,
        ),
    }),
    script: [attempt(SMITH, CHEN, 'front-door clinic_config')],
  },
];

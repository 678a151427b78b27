// Which platforms do not notice that a tenant or a user has come, changed or gone?

import type { Operation } from '../domain/directory.ts';
import type { Hop, Platform } from '../domain/ports.ts';
import { json } from '../domain/wire.ts';
import {
  breaking,
  claimsIn,
  hopWith,
  type Make,
  replacing,
  storeWith,
} from '../platforms/overriding.ts';
import type { SeededFault } from './fault.ts';
import { authorizationOf, bearing } from './making.ts';
import { ask, FOSTER, minutes, order, SMITH, wait } from './scripting.ts';

const CLASS = 'lifecycle and incarnation';
const STEP = ['no canary shows it', 'needs time or a life-cycle step'] as const;
const { tenant } = FOSTER;

/** A platform whose operator's orders are carried out otherwise. */
const operating = (
  change: (sound: Platform, operation: Operation, hop: Hop) => Promise<void>,
): Make => replacing((sound) => ({ operate: (operation, hop) => change(sound, operation, hop) }));

/** An operator's order that is forgotten. */
const forgetting = (kind: Operation['kind']): Make =>
  operating(async (sound, operation, hop) => {
    if (operation.kind !== kind) await sound.operate(operation, hop);
  });

/** The same clinic comes back, with the same people. */
const RETURN = order({
  kind: 'onboard',
  tenant,
  plan: {
    id: tenant,
    tier: 'premium',
    zone: 'America/New_York',
    weight: 1,
    patients: 2,
    documents: 2,
    users: [
      { id: 'dr.foster', role: 'physician' },
      { id: 'nurse.young', role: 'nurse' },
    ],
  },
});

export const LIFECYCLE: readonly SeededFault[] = [
  {
    id: 'control-plane-reuses-names',
    class: CLASS,
    does: 'a tenant that comes under the id of another takes its name, too',
    source: 'W78, published sample: no tenant life cycle',
    promise: 'I7',
    implies: ['I1', 'I3', 'I4', 'I5', 'I9', 'I10'],
    boundary: 'control-plane',
    mechanism: 'platform id issued twice',
    traits: ['needs time or a life-cycle step'],
    make: operating((sound, operation, hop) => {
      if (!('incarnation' in operation)) return sound.operate(operation, hop);
      const incarnation = operation.incarnation.replace(/:\d+$/, ':1');
      return sound.operate({ ...operation, incarnation }, hop);
    }),
    script: [
      ask(FOSTER, 'talk'),
      order({ kind: 'offboard', tenant }),
      RETURN,
      wait(minutes(1), ask(FOSTER, 'retrieve_clinic_documents')),
    ],
  },
  {
    id: 'control-plane-forgets-to-suspend',
    class: CLASS,
    does: 'the control plane forgets to suspend',
    source: 'W78, published sample: a suspended tenant works while its token lives',
    promise: 'I4',
    implies: [],
    boundary: 'control-plane',
    mechanism: 'suspension not carried out',
    traits: STEP,
    make: forgetting('set-status'),
    script: [
      ask(FOSTER, 'talk'),
      order({ kind: 'suspend', tenant }),
      wait(minutes(1), ask(FOSTER, 'talk')),
    ],
  },
  {
    id: 'control-plane-forgets-to-close',
    class: CLASS,
    does: 'the control plane keeps serving a tenant that has left',
    source: 'W78, published sample: a deleted tenant works while its token lives',
    promise: 'I4',
    implies: [],
    boundary: 'control-plane',
    mechanism: 'offboarding not carried out',
    traits: STEP,
    make: forgetting('close-tenant'),
    script: [
      ask(FOSTER, 'talk'),
      order({ kind: 'offboard', tenant }),
      wait(minutes(1), ask(FOSTER, 'talk')),
    ],
  },
  {
    id: 'front-door-greets-suspended',
    class: CLASS,
    does: 'the front door greets those whom it refuses and had served before',
    source: 'assumed: an answer cached for a caller',
    promise: 'I4',
    implies: ['I7', 'I10'],
    boundary: 'front-door',
    mechanism: 'known callers greeted without a status',
    traits: STEP,
    make: breaking('front-door', (sound) => {
      const served = new Set<unknown>();
      return async (call, hop) => {
        const reply = await sound(call, hop);
        const { sub } = claimsIn(call);
        if (reply.status === 200) served.add(sub);
        return reply.status === 403 && served.has(sub)
          ? json(200, { answer: 'welcome back' })
          : reply;
      };
    }),
    script: [
      ask(FOSTER, 'talk'),
      order({ kind: 'suspend', tenant }),
      wait(minutes(1), ask(FOSTER, 'talk')),
    ],
  },
  {
    id: 'control-plane-forgets-tier',
    class: CLASS,
    does: 'the control plane forgets a change of tier',
    source: 'W08, published sample: stale claims after a downgrade',
    promise: 'I5',
    implies: ['I3', 'I6'],
    boundary: 'control-plane',
    mechanism: 'change of tier not carried out',
    traits: STEP,
    make: forgetting('set-tier'),
    script: [
      ask(SMITH, 'talk'),
      order({ kind: 'upgrade', tenant: SMITH.tenant, tier: 'premium' }),
      wait(minutes(61), ask(SMITH, 'talk')),
    ],
  },
  {
    id: 'control-plane-forgets-role',
    class: CLASS,
    does: 'the control plane forgets that somebody has another role',
    source: 'W08, published sample: stale claims',
    promise: 'I3',
    implies: ['I1', 'I5'],
    boundary: 'control-plane',
    mechanism: 'change of role not carried out',
    traits: ['needs time or a life-cycle step', 'within one tenant'],
    make: forgetting('set-role'),
    script: [
      ask(SMITH, 'patient_context'),
      order({ kind: 'change-role', tenant: SMITH.tenant, user: SMITH.user, role: 'admin' }),
      wait(minutes(61), ask(SMITH, 'patient_context')),
    ],
  },
  {
    id: 'control-plane-purges-next-life',
    class: CLASS,
    does: 'the purge of a tenant that has left takes everything whose name begins like its own',
    source: 'W78, assumed: a purge by prefix',
    promise: 'I10',
    implies: ['I9'],
    boundary: 'control-plane',
    mechanism: 'purge by prefix',
    traits: STEP,
    make: operating(async (sound, operation, hop) => {
      await sound.operate(operation, hop);
      if (operation.kind !== 'close-tenant') return;
      const name = operation.incarnation.replace(/:1$/, '');
      hop.later(minutes(5), async (job) => {
        const store = job.store('knowledge');
        for (const { partition, sort } of store.scan(name)) store.delete(partition, sort);
      });
    }),
    script: [
      order({ kind: 'offboard', tenant }),
      RETURN,
      wait(minutes(10), ask(FOSTER, 'retrieve_clinic_documents')),
    ],
  },
  {
    id: 'control-plane-purges-all-memory',
    class: CLASS,
    does: 'the purge of a tenant that has left takes the memory of everybody',
    source: 'assumed: a prefix that is empty where its template has no value',
    promise: 'I9',
    implies: ['I2', 'I10'],
    boundary: 'control-plane',
    mechanism: 'purge without a prefix',
    traits: STEP,
    make: operating((sound, operation, hop) =>
      sound.operate(
        operation,
        hopWith(hop, (own) => ({
          store: (which) =>
            which === 'memory-records'
              ? storeWith(own.store(which), (store) => ({ scan: () => store.scan('') }))
              : own.store(which),
        })),
      ),
    ),
    script: [
      ask(SMITH, 'talk'),
      wait(minutes(1), order({ kind: 'offboard', tenant })),
      wait(minutes(10), ask(SMITH, 'recall')),
    ],
  },
  {
    id: 'runtime-session-outlives-member',
    class: CLASS,
    does: 'the runtime goes on with the bearer token that a session began with',
    source: 'W08 and W48, published sample main.py:144: the first request of a session wins',
    promise: 'I4',
    implies: ['I1', 'I3', 'I5', 'I6', 'I7', 'I10'],
    boundary: 'runtime',
    mechanism: 'first token of a session wins',
    traits: [],
    make: breaking('runtime', (sound) => {
      const first = new Map<string, string>();
      return (call, hop) => {
        const session = call.headers.find(([name]) => name.endsWith('session-id'))?.[1] ?? '';
        const began = first.get(`${session} ${call.path}`) ?? authorizationOf(call);
        if (claimsIn(call)['tenant'] !== undefined) first.set(`${session} ${call.path}`, began);
        return sound(began === authorizationOf(call) ? call : bearing(call, began), hop);
      };
    }),
    script: [
      ask(FOSTER, 'talk', 'ward'),
      ask({ tenant: 'hospital-b', user: 'dr.novak' }, 'talk', 'ward'),
    ],
  },
];

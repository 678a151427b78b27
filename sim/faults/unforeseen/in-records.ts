// Which unforeseen faults lie in what the platform keeps: tenants, users, quotas, events?

import type { LimitContract } from '../../domain/limit.ts';
import type { Reply } from '../../domain/wire.ts';
import { breaking, deceiving, hopWith, replacing, storeWith } from '../../platforms/overriding.ts';
import { UsagePlanLimiter } from '../../protocol/limiter.ts';
import { tenantId } from '../../services/control-plane.ts';
import type { SeededFault } from '../fault.ts';
import { delayed } from '../making.ts';
import {
  ask,
  attempt,
  beside,
  CHEN,
  crowd,
  minutes,
  order,
  SMITH,
  seconds,
  wait,
} from '../scripting.ts';

export const UNFORESEEN_IN_RECORDS: readonly SeededFault[] = [
  {
    id: 'control-plane-purges-by-file-name',
    class: 'lifecycle and incarnation',
    does: 'the purge of a tenant that has left deletes each of its documents by the name of the file',
    source: 'assumed: one file stored once for all who have it',
    promise: 'I9',
    implies: ['I10'],
    boundary: 'control-plane',
    mechanism: 'purge by file name',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: replacing((sound) => ({
      operate: (operation, hop) =>
        sound.operate(
          operation,
          hopWith(hop, (own) => ({
            store: (which) =>
              which !== 'knowledge'
                ? own.store(which)
                : storeWith(own.store(which), (store) => ({
                    delete: (_partition, file) => {
                      for (const { partition, sort } of store.scan(''))
                        if (sort === file) store.delete(partition, sort);
                    },
                  })),
          })),
        ),
    })),
    script: [
      order({ kind: 'offboard', tenant: SMITH.tenant }),
      wait(minutes(10), ask(CHEN, 'retrieve_clinic_documents')),
    ],
  },
  {
    id: 'identity-repeats-sign-in',
    class: 'caches and retries',
    does: 'the user pool answers a second sign-in under one name as it answered the first',
    source: 'assumed: sign-in made idempotent by the user name, so that phones may try again',
    promise: 'I1',
    implies: ['I7'],
    boundary: 'identity',
    mechanism: 'sign-in remembered without the password',
    traits: [],
    make: breaking('identity', (sound) => {
      const known = new Map<string, { readonly reply: Reply; readonly untilUs: number }>();
      return async (call, hop) => {
        const user = /"USERNAME":"([^"]+)"/.exec(call.body)?.[1];
        if (user === undefined) return sound(call, hop);
        const before = known.get(user);
        if (before !== undefined && hop.nowUs() < before.untilUs) return before.reply;
        const reply = await sound(call, hop);
        if (reply.status === 200) known.set(user, { reply, untilUs: hop.nowUs() + minutes(5) });
        return reply;
      };
    }),
    script: [ask(CHEN, 'talk'), attempt(SMITH, CHEN, 'identity InitiateAuth')],
  },
  {
    id: 'memory-deletes-softly',
    class: 'memory',
    does: 'memory marks an event as deleted, and lists it all the same',
    source: 'assumed: a soft delete that one of two queries forgets',
    promise: 'I9',
    implies: [],
    boundary: 'memory',
    mechanism: 'mark of deletion ignored in lists',
    traits: ['no canary shows it', 'within one tenant'],
    make: deceiving('memory', () => {
      const deleted = new Set<string>();
      return (hop) => ({
        store: (which) =>
          which !== 'memory-events'
            ? hop.store(which)
            : storeWith(hop.store(which), (store) => ({
                get: (partition, sort) =>
                  deleted.has(`${partition} ${sort}`) ? undefined : store.get(partition, sort),
                delete: (partition, sort) => deleted.add(`${partition} ${sort}`),
              })),
      });
    }),
    script: [
      ask(SMITH, 'talk'),
      attempt(SMITH, SMITH, 'memory DeleteEvent'),
      attempt(SMITH, SMITH, 'memory ListEvents'),
      ask(SMITH, 'talk'),
    ],
  },
  {
    id: 'control-plane-migrates-previous',
    class: 'lifecycle and incarnation',
    does: 'a change of tier moves the configuration of the tenant that was moved before',
    source: 'assumed: a migration that reads a variable of the last turn of its loop',
    promise: 'I1',
    implies: ['I9', 'I10'],
    boundary: 'control-plane',
    mechanism: 'migration one tenant late',
    traits: ['needs time or a life-cycle step'],
    make: replacing((sound) => {
      const previous = delayed<string>();
      return {
        operate: async (operation, hop) => {
          await sound.operate(operation, hop);
          if (operation.kind !== 'set-tier') return;
          const store = hop.store('table');
          const partition = `T#${tenantId(operation.incarnation)}`;
          const moved = store.get(partition, 'CONFIG')?.value;
          if (moved !== undefined) store.put(partition, 'CONFIG', previous(moved));
        },
      };
    }),
    script: [
      order({ kind: 'upgrade', tenant: SMITH.tenant, tier: 'premium' }),
      order({ kind: 'upgrade', tenant: CHEN.tenant, tier: 'premium' }),
      ask(CHEN, 'clinic_config'),
    ],
  },
  {
    id: 'control-plane-suspends-on-the-hour',
    class: 'lifecycle and incarnation',
    does: 'a suspension reaches the doors at the next full hour',
    source: 'assumed: settings that are pushed to the edge by a timer',
    promise: 'I4',
    implies: [],
    boundary: 'control-plane',
    mechanism: 'suspension carried out late',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: replacing((sound) => ({
      operate: async (operation, hop) => {
        if (operation.kind !== 'set-status') return sound.operate(operation, hop);
        const untilUs = minutes(60) - (hop.nowUs() % minutes(60));
        hop.later(untilUs, (job) => sound.operate(operation, job));
      },
    })),
    script: [
      ask(SMITH, 'talk'),
      order({ kind: 'suspend', tenant: SMITH.tenant }),
      wait(minutes(20), ask(SMITH, 'talk')),
    ],
  },
  {
    id: 'limiter-day-of-first-request',
    class: 'limits and quotas',
    does: "the day of a quota begins at the minute of the tenant's first request",
    source: 'assumed: 24 hours where a day of the calendar was meant',
    promise: 'I6',
    implies: [],
    boundary: 'limiter',
    mechanism: 'day counted from the first request',
    traits: ['no canary shows it', 'needs time or a life-cycle step'],
    make: replacing(({ limiters }) => {
      const sound = new UsagePlanLimiter();
      const firstUs = new Map<string, number>();
      const known = new Map<string, LimitContract>();
      const admit = (key: string, contract: LimitContract, nowUs: number) => {
        const { quota } = contract;
        if (quota === undefined) return sound.admit(key, contract, nowUs);
        const beganUs = firstUs.get(key) ?? nowUs;
        firstUs.set(key, beganUs);
        const resetOffsetMinutes = Math.floor(beganUs / minutes(1)) % 1440;
        const asked = { ...contract, quota: { ...quota, resetOffsetMinutes } };
        // Equal contracts must be one object, or each call would count as a change.
        const text = JSON.stringify(asked);
        known.set(text, known.get(text) ?? asked);
        return sound.admit(key, known.get(text) ?? asked, nowUs);
      };
      return { limiters: { ...limiters, 'front-door': { admit } } };
    }),
    script: [
      ...Array.from({ length: 10 }, () => [
        wait(seconds(5), ask(SMITH, 'current_time')),
        ...crowd(4, ask(SMITH, 'current_time')).map(beside),
      ]).flat(),
      wait(minutes(600), ask(SMITH, 'current_time')),
    ],
  },
];

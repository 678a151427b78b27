// How is one part of the reference replaced while all the others stay as they are?

import type {
  Hop,
  Platform,
  PlatformKit,
  Service,
  ServiceName,
  Store,
  StoreName,
} from '../domain/ports.ts';
import { type Call, header, parsed } from '../domain/wire.ts';
import { claimsOf } from '../protocol/bearer.ts';
import { reference } from './reference.ts';

export type Make = (kit: PlatformKit) => Platform;

/** What replaces a sound service; called once a platform, so that its memory is the platform's own. */
export type Breaks = (sound: Service, kit: PlatformKit) => Service;
type Changes = (hop: Hop, call: Call) => Partial<Hop>;

/** The reference with one service replaced. */
export const breaking = (service: ServiceName, breaks: Breaks): Make =>
  breakingAll({ [service]: breaks });

/** The reference with several services replaced: a fault, and what would have masked it. */
export const breakingAll =
  (parts: Readonly<Partial<Record<ServiceName, Breaks>>>): Make =>
  (kit) => {
    const sound = reference(kit);
    const broken = Object.entries(parts).map(([name, breaks]) => {
      const service = name as ServiceName;
      return [service, breaks(sound.services[service], kit)] as const;
    });
    const services = { ...sound.services, ...Object.fromEntries(broken) };
    return { ...sound, name: 'broken', services };
  };

/** The reference with one service that sees another world; `changes` is made once a platform. */
export const deceiving = (service: ServiceName, changes: () => Changes): Make =>
  breaking(service, (sound) => {
    const changed = changes();
    return (call, hop) =>
      sound(
        call,
        hopWith(hop, (own) => changed(own, call)),
      );
  });

/** The reference with something else than a service replaced. */
export const replacing =
  (change: (sound: Platform) => Partial<Platform>): Make =>
  (kit) => {
    const sound = reference(kit);
    return { ...sound, name: 'broken', ...change(sound) };
  };

/** The reference with one store that behaves otherwise in one service. */
export const storing = (
  service: ServiceName,
  name: StoreName,
  change: (store: Store) => Partial<Store>,
): Make =>
  deceiving(service, () => (hop) => ({
    store: (asked) => {
      const store = hop.store(asked);
      return asked === name ? storeWith(store, change) : store;
    },
  }));

/** The store with some operations replaced. */
export const storeWith = (store: Store, change: (store: Store) => Partial<Store>): Store => ({
  get: (partition, sort) => store.get(partition, sort),
  query: (partition, most) => store.query(partition, most),
  scan: (prefix) => store.scan(prefix),
  put: (partition, sort, value) => store.put(partition, sort, value),
  delete: (partition, sort) => store.delete(partition, sort),
  ...change(store),
});

/** The hop with some doors replaced, in the work that it starts for later, too. */
export const hopWith = (hop: Hop, changes: (hop: Hop) => Partial<Hop>): Hop => ({
  peer: hop.peer,
  heard: hop.heard,
  nowUs: () => hop.nowUs(),
  sleep: (durationUs) => hop.sleep(durationUs),
  chance: (name) => hop.chance(name),
  call: (to, call, heard) => hop.call(to, call, heard),
  decide: (question) => hop.decide(question),
  mayList: (question) => hop.mayList(question),
  authorize: (question) => hop.authorize(question),
  admit: (limiter, key, contract) => hop.admit(limiter, key, contract),
  store: (name) => hop.store(name),
  emit: (record) => hop.emit(record),
  later: (afterUs, work) => hop.later(afterUs, (job) => work(hopWith(job, changes))),
  ...changes(hop),
});

/** The claims of a call's bearer token, unverified. */
export const claimsIn = (call: Call): Readonly<Record<string, unknown>> =>
  claimsOf((header(call.headers, 'authorization') ?? '').replace(/^Bearer /, ''));

/** The prompt of an invocation, or nothing. */
export const promptIn = (call: Call): string => String(parsed(call.body)?.['prompt'] ?? '');

/** The call with its JSON body changed. */
export const withBody = (call: Call, changes: Readonly<Record<string, unknown>>): Call => ({
  ...call,
  body: JSON.stringify({ ...parsed(call.body), ...changes }),
});

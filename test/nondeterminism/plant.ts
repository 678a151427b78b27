// How does a platform carry a value that it may not have: the reference with one service replaced.

import { createHash } from 'node:crypto';
import type { Hop, ServiceName } from '../../sim/domain/ports.ts';
import { json, type Reply } from '../../sim/domain/wire.ts';
import { breaking, type Make } from '../../sim/platforms/overriding.ts';

/** What a service draws on at each call. */
export type Value = (hop: Hop) => string;

/** Makes a platform in which one service depends on a value; `value` is called once a run. */
export type Way = (service: ServiceName, value: () => Value) => Make;

/** One source of nondeterminism, and the module in which it matters. */
export interface Source {
  readonly what: string;
  readonly way: Way;
  readonly service: ServiceName;
  readonly value: () => Value;
}

export const planted = ({ way, service, value }: Source): Make => way(service, value);

/** The same module with no source in it: its value is a function of the run. */
export const unplanted = ({ way, service }: Source): Source => ({
  what: `${way.name} ${service}`,
  way,
  service,
  value: () => (hop) => `${hop.nowUs()}`,
});

/** The service answers with the value in a header. */
export const answering: Way = (service, value) =>
  carrying(service, value, (reply, drawn) => withHeaders(reply, [drawn]));

/** The service answers with what the value lists, in that order. */
export const listing: Way = (service, value) =>
  carrying(service, value, (reply, drawn) => withHeaders(reply, drawn.split(',')));

/** The service logs the value. */
export const logging: Way = (service, value) =>
  carrying(service, value, (reply, drawn, hop) => {
    hop.emit({ kind: 'log', service, line: JSON.stringify({ value: drawn }) });
    return reply;
  });

/** The service answers later, by up to a quarter of a second that the value decides. */
export const delaying: Way = (service, value) =>
  carrying(service, value, async (reply, drawn, hop) => {
    await hop.sleep(createHash('sha256').update(drawn).digest().readUInt32BE() % 250_000);
    return reply;
  });

/** The service is closed when the value says so. */
export const closing: Way = (service, value) =>
  carrying(service, value, (reply, drawn) =>
    drawn === 'closed' ? json(503, { message: 'closed' }) : reply,
  );

type Carries = (reply: Reply, drawn: string, hop: Hop) => Reply | Promise<Reply>;

const carrying = (service: ServiceName, value: () => Value, carries: Carries): Make =>
  breaking(service, (sound) => {
    const draw = value();
    return async (call, hop) => carries(await sound(call, hop), draw(hop), hop);
  });

const withHeaders = (reply: Reply, values: readonly string[]): Reply => ({
  ...reply,
  headers: [...reply.headers, ...values.map((value) => ['x-planted', value] as const)],
});

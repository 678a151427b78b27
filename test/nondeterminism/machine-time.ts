// What depends on the time of the machine, its load, or how far its process has come?

import { AsyncResource } from 'node:async_hooks';
import { answering, delaying, listing, logging, type Source } from './plant.ts';

const SHARDS = [...'abcdefghijklmnop'];

/** The time of the machine in nanoseconds, spread over all digits. */
const spread = (text: string): bigint =>
  BigInt.asUintN(64, process.hrtime.bigint() * 0x9e37_79b9_7f4a_7c15n * BigInt(text.charCodeAt(0)));

export const MACHINE_TIME: readonly Source[] = [
  {
    what: 'Date.now in an answer',
    way: answering,
    service: 'front-door',
    value: () => () => `${Date.now()}`,
  },
  {
    what: 'new Date() written into a log line',
    way: logging,
    service: 'gateway',
    value: () => () => new Date().toISOString(),
  },
  {
    what: 'performance.now as a measured latency',
    way: logging,
    service: 'gateway',
    value: () => {
      const began = performance.now();
      return () => `${performance.now() - began}`;
    },
  },
  {
    what: 'process.hrtime in a delay',
    way: delaying,
    service: 'runtime',
    value: () => () => `${process.hrtime.bigint()}`,
  },
  {
    what: 'the order of a Set that was filled by time',
    way: listing,
    service: 'tools',
    value: () => () => {
      const due = SHARDS.map((shard) => ({ shard, at: spread(shard) }));
      return [
        ...new Set(due.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ shard }) => shard)),
      ].join();
    },
  },
  {
    what: 'how much work fits into a millisecond',
    way: answering,
    service: 'model',
    value: () => () => {
      const until = performance.now() + 1;
      let rounds = 0;
      while (performance.now() < until) rounds += 1;
      return `${rounds}`;
    },
  },
  {
    what: 'process.memoryUsage in a span',
    way: logging,
    service: 'tools',
    value: () => () => `${process.memoryUsage().heapUsed}`,
  },
  {
    what: 'process.cpuUsage in what is metered',
    way: logging,
    service: 'tools',
    value: () => () => JSON.stringify(process.cpuUsage()),
  },
  {
    what: 'an id of async_hooks',
    way: answering,
    service: 'runtime',
    value: () => () => `${new AsyncResource('planted').asyncId()}`,
  },
];

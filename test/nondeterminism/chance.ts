// What depends on the chance of the machine, by itself or through the order that it leaves things in?

import { generateKeyPairSync, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { answering, delaying, listing, logging, type Source } from './plant.ts';

const TENANTS = [...'abcdefghijklmnop'].map((letter) => `clinic-${letter}`);
/** Of many sizes, so that each order of adding them up rounds otherwise. */
const CHARGES = Array.from({ length: 200 }, (_, index) => 10 ** (index % 9) / (index + 7));

/** The items in an order drawn by the machine, soundly. */
const shuffled = <T>(items: readonly T[]): readonly T[] => {
  const left = [...items];
  return items.flatMap(() => left.splice(randomInt(left.length), 1));
};

export const CHANCE: readonly Source[] = [
  {
    what: 'Math.random in a request id',
    way: answering,
    service: 'front-door',
    value: () => () => `${Math.random()}`,
  },
  {
    what: 'Math.random in the jitter of a retry',
    way: delaying,
    service: 'tools',
    value: () => () => `${Math.random()}`,
  },
  {
    what: 'crypto.randomUUID in a log line',
    way: logging,
    service: 'gateway',
    value: () => () => randomUUID(),
  },
  {
    what: 'crypto.randomBytes as a nonce, drawn once a run',
    way: answering,
    service: 'runtime',
    value: () => {
      const nonce = randomBytes(8).toString('hex');
      return () => nonce;
    },
  },
  {
    what: 'a key pair made anew for each run',
    way: answering,
    service: 'front-door',
    value: () => {
      const { publicKey } = generateKeyPairSync('ed25519');
      const key = publicKey.export({ format: 'der', type: 'spki' }).toString('hex');
      return () => key;
    },
  },
  {
    what: 'the name of a temporary folder',
    way: logging,
    service: 'tools',
    value: () => () => {
      const folder = mkdtempSync(join(tmpdir(), 'poolproof-planted-'));
      rmdirSync(folder);
      return basename(folder);
    },
  },
  {
    what: 'the order of a Map that was filled by chance',
    way: listing,
    service: 'front-door',
    value: () => {
      const index = new Map(shuffled(TENANTS).map((tenant) => [tenant, 1]));
      return () => [...index.keys()].join(',');
    },
  },
  {
    what: 'the order of the keys of an object that was filled by chance',
    way: logging,
    service: 'gateway',
    value: () => () => JSON.stringify(Object.fromEntries(shuffled(TENANTS).map((id) => [id, 1]))),
  },
  {
    what: 'Array.sort with a comparator that throws dice',
    way: listing,
    service: 'tools',
    value: () => () => [...TENANTS].sort(() => Math.random() - 0.5).join(','),
  },
  {
    what: 'sums of fractions in an order of chance',
    way: answering,
    service: 'model',
    value: () => () => {
      const sums = TENANTS.map(() => shuffled(CHARGES).reduce((sum, charge) => sum + charge, 0));
      return sums.join(' ');
    },
  },
];

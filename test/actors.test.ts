// Is the key of everything that belongs to a user its own alone, and one that memory takes?

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actorOf, encodeId } from '../sim/domain/caller.ts';

/** What AgentCore Memory takes. Source: botocore 1.43.107 service model. */
const ACTOR = /^[a-zA-Z0-9][a-zA-Z0-9-_/]*(?::[a-zA-Z0-9-_/]+)*[a-zA-Z0-9-_/]*$/;

const anyId = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
  fc.string({
    unit: fc.constantFrom('0', '_', '5', 'f', '-', 'é', '𠮷'),
    minLength: 1,
    maxLength: 6,
  }),
);

test('two ids are never spelt alike', () => {
  fc.assert(
    fc.property(anyId, anyId, (one, other) => {
      fc.pre(one !== other);
      expect(encodeId(one)).not.toBe(encodeId(other));
    }),
  );
  // Characters beyond the first plane differ in halves that no encoder can spell apart.
  expect(encodeId('𠮷')).not.toBe(encodeId('𡈽'));
});

test('whatever an id begins with, memory takes the actor', () => {
  fc.assert(
    fc.property(anyId, (id) => {
      expect(actorOf(id, 'u-1', 'nurse')).toMatch(ACTOR);
    }),
  );
  expect(actorOf('_ward', 'u-1', 'nurse')).toBe('0__5fward/u_2d1/nurse');
});

// Are keys derived from names fit for tokens, and is what is known of their primes true?

import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { DISTANCES, prime, signingKey, signJwt } from '../sim/protocol/signing.ts';

test.each(Object.keys(DISTANCES))('the known prime of %s is the first from its point', (name) => {
  expect(prime(name)).toBe(prime(name, true));
});

test('a key set holds the public half only, and it verifies what the key signs', () => {
  const key = signingKey('identity 1');
  expect(Object.keys(key.jwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  const [header, claims, signature] = signJwt(key, { sub: 'u' }).split('.');
  const publicKey = createPublicKey({ key: { ...key.jwk }, format: 'jwk' });
  const holds = (input: string): boolean =>
    verify('RSA-SHA256', Buffer.from(input), publicKey, Buffer.from(signature ?? '', 'base64url'));
  expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(holds(`${header}.${claims}`)).toBe(true);
  expect(holds(`${header}.${claims}A`)).toBe(false);
});

test('keys of different names differ, in number and in id', () => {
  const [one, other] = [signingKey('identity 1'), signingKey('a name of its own')];
  expect(one.kid).not.toBe(other.kid);
  expect(one.jwk['n']).not.toBe(other.jwk['n']);
});

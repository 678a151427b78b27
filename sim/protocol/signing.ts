// Where do signing keys come from: RSA keys derived from a name, so that no private key is kept anywhere.

import {
  checkPrimeSync,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  type KeyObject,
} from 'node:crypto';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public half, for a key set. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

/**
 * The 2048-bit RSA key of a name: the same name gives the same key in every process. For simulation
 * only: whoever knows the name knows the key. A name not in `DISTANCES` takes some 0.2 s once.
 */
export const signingKey = (name: string): SigningKey => {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const made = derive(name);
  keys.set(name, made);
  return made;
};

/** A signed compact JWT. `header` replaces or adds header fields, for forgeries. */
export const signJwt = (
  key: SigningKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string => {
  const head = { alg: 'RS256', kid: key.kid, typ: 'JWT', ...header };
  const input = `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(claims))}`;
  return `${input}.${signature(key, input)}`;
};

/** RSASSA-PKCS1-v1_5 draws nothing: equal inputs have equal signatures, which programs played again need. */
const signature = (key: SigningKey, input: string): string => {
  const what = `${key.kid} ${input}`;
  const known = signatures.get(what);
  if (known !== undefined) return known;
  const made = createSign('RSA-SHA256').update(input).sign(key.privateKey, 'base64url');
  if (signatures.size >= SIGNATURES_MAX) signatures.clear();
  signatures.set(what, made);
  return made;
};

/** Some 1 KB each. */
const SIGNATURES_MAX = 5_000;
const signatures = new Map<string, string>();

const keys = new Map<string, SigningKey>();
const EXPONENT = 65537n;

const derive = (name: string): SigningKey => {
  const p = prime(`${name} p`);
  const q = prime(`${name} q`);
  const n = p * q;
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: encoded(n),
      e: encoded(EXPONENT),
      d: encoded(d),
      p: encoded(p),
      q: encoded(q),
      dp: encoded(d % (p - 1n)),
      dq: encoded(d % (q - 1n)),
      qi: encoded(inverse(q, p)),
    },
  });
  const kid = createHash('sha256').update(name).digest('base64url').slice(0, 22);
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kid, privateKey, jwk: { ...publicJwk, kid, alg: 'RS256', use: 'sig' } };
};

/**
 * The first 1024-bit prime p from a point that the name fixes, with p - 1 coprime to the exponent.
 * `searched`: goes through the candidates even where it is known which of them it is.
 */
export const prime = (name: string, searched = false): bigint => {
  let digits = '';
  for (let block = 0; digits.length < 256; block += 1) {
    digits += createHash('sha512').update(`${name} ${block}`).digest('hex');
  }
  // The two top bits set make the product of two such primes exactly 2048 bits long.
  let candidate = BigInt(`0x${digits.slice(0, 256)}`) | (3n << 1022n) | 1n;
  const distance = DISTANCES[name];
  if (distance !== undefined && !searched) return candidate + distance;
  while (candidate % EXPONENT === 1n || !checkPrimeSync(candidate, { checks: 40 })) candidate += 2n;
  return candidate;
};

/**
 * How far the prime lies from that point, for the keys that nearly every run needs: the search for
 * these alone would take a second of each. A test searches for them again.
 */
export const DISTANCES: Readonly<Record<string, bigint>> = {
  'identity 1 p': 456n,
  'identity 1 q': 524n,
  'identity 2 p': 854n,
  'identity 2 q': 468n,
  'identity 3 p': 1066n,
  'identity 3 q': 48n,
  'identity 4 p': 272n,
  'identity 4 q': 792n,
  'a stranger p': 1470n,
  'a stranger q': 362n,
};

const inverse = (value: bigint, modulus: bigint): bigint => {
  let [r0, r1, s0, s1] = [modulus, value % modulus, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  return ((s0 % modulus) + modulus) % modulus;
};

const encoded = (value: bigint): string => {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
};

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

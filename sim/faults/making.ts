// How is a seeded fault made where one replaced part is not enough, or a false identity is believed?

import type { AccessDecision, PlatformKit, PolicyDecision, PolicyPort } from '../domain/ports.ts';
import { type Call, header, parsed, without } from '../domain/wire.ts';
import { claimsIn, type Make, replacing } from '../platforms/overriding.ts';
import { reference } from '../platforms/reference.ts';
import { signingKey, signJwt } from '../protocol/signing.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** The reference under other IAM policies; `edit` gets the documents as text. */
export const underIam =
  (edit: (text: string) => string): Make =>
  (kit) => {
    const iamDocuments = JSON.parse(edit(JSON.stringify(kit.iamDocuments))) as Claims;
    return { ...reference({ ...kit, iamDocuments }), name: 'broken' };
  };

/** The reference with another policy engine, made once a platform. */
export const deciding = (change: (sound: PolicyPort) => Partial<PolicyPort>): Make =>
  replacing(({ policy }) => ({
    policy: {
      decide: (question) => policy.decide(question),
      mayList: (question) => policy.mayList(question),
      ...change(policy),
    },
  }));

/** An allow that nobody asked IAM for. */
export const ALLOWED: AccessDecision = { kind: 'allowed', statement: 'none' };

/** An allow that no policy gave. */
export const PERMITTED: PolicyDecision = {
  decision: 'allow',
  determining: [],
  errors: [],
  cached: false,
};

/**
 * The call as one of whom the claims say. A service that believes what no token proves is made of
 * a sound one by a token of the pool's own key: all services behind it go along, as they do where
 * the first one sets what they trust. Baggage of the real caller would give it away.
 */
export const claiming = (call: Call, kit: PlatformKit, changes: Claims): Call => {
  const bearerToken = signJwt(signingKey(kit.keys.current()), { ...claimsIn(call), ...changes });
  return bearing(call, `Bearer ${bearerToken}`);
};

/** The call with another `authorization` header. */
export const bearing = (call: Call, authorization: string): Call => ({
  ...call,
  headers: [...without(call.headers, 'authorization', 'baggage'), ['authorization', authorization]],
});

/** The `authorization` header of a call, or nothing. */
export const authorizationOf = (call: Call): string => header(call.headers, 'authorization') ?? '';

/** The call without some members of its JSON body. */
export const withoutFields = (call: Call, ...names: readonly string[]): Call => {
  const members = Object.entries(parsed(call.body) ?? {}).filter(([name]) => !names.includes(name));
  return { ...call, body: JSON.stringify(Object.fromEntries(members)) };
};

/** The value as it was at the call before. */
export const delayed = <T>(): ((now: T) => T) => {
  let before: { readonly value: T } | undefined;
  return (now) => {
    const value = before === undefined ? now : before.value;
    before = { value: now };
    return value;
  };
};

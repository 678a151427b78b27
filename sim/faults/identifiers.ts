// Which platforms give two owners one name: by joining, cutting, splitting, or leaving a part out?

import { encodeId } from '../domain/caller.ts';
import { type Call, header, isRecord, json, parsed } from '../domain/wire.ts';
import { breaking, type Make, promptIn, storing, withBody } from '../platforms/overriding.ts';
import { claimsOf } from '../protocol/bearer.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import { signingKey, signJwt } from '../protocol/signing.ts';
import type { SeededFault } from './fault.ts';
import { type Claims, underIam } from './making.ts';
import {
  ask,
  attempt,
  CHEN,
  FOSTER,
  JONES,
  minutes,
  NOVAK,
  order,
  readFirst,
  SMITH,
  searchFirst,
  wait,
} from './scripting.ts';

const CLASS = 'identifiers and namespaces';

/** A user pool that gives its users other actor ids. */
const namingActors = (actorOf: (claims: Claims) => string): Make =>
  breaking('identity', (sound, kit) => async (call, hop) => {
    const reply = await sound(call, hop);
    const result = parsed(reply.body)?.['AuthenticationResult'];
    if (reply.status !== 200 || !isRecord(result)) return reply;
    const claims = claimsOf(String(result['IdToken']));
    const IdToken = signJwt(signingKey(kit.keys.current()), { ...claims, actor: actorOf(claims) });
    return json(200, { AuthenticationResult: { ...result, IdToken } });
  });

/** The part of a user name before the `@`. */
const localPart = (claims: Claims): string => String(claims['email']).split('@')[0] ?? '';

/** A runtime that shows the model what was last said in the session of that key, whoever said it. */
const rememberingBy = (keyOf: (session: string) => string): Make =>
  breaking('runtime', (sound) => {
    const said = new Map<string, string>();
    return (call, hop) => {
      const key = keyOf(header(call.headers, SESSION_HEADER) ?? '');
      const before = said.get(key);
      said.set(key, promptIn(call));
      return sound(before === undefined ? call : withEarlier(call, before), hop);
    };
  });

/** What was said before is shown, not ordered again. */
const withEarlier = (call: Call, before: string): Call =>
  withBody(call, { prompt: `${promptIn(call)}\nearlier: ${before.replaceAll('use ', '')}` });

const kindOf = (partition: string): string => partition.split('-')[0] ?? '';

export const IDENTIFIERS: readonly SeededFault[] = [
  {
    id: 'runtime-session-by-client-id',
    class: CLASS,
    does: "the runtime keys what a session said by the client's id alone",
    source: 'W42 and W48, published sample: the session id is a client header',
    promise: 'I1',
    implies: [],
    boundary: 'runtime',
    mechanism: 'session keyed by the client id alone',
    traits: [],
    make: rememberingBy((session) => session),
    script: [ask(SMITH, 'talk', 'shared'), ask(FOSTER, 'talk', 'shared')],
  },
  {
    id: 'runtime-session-by-id-prefix',
    class: CLASS,
    does: "the runtime keys what a session said by the first characters of the client's id",
    source: 'assumed',
    promise: 'I1',
    implies: [],
    boundary: 'runtime',
    mechanism: 'session id cut',
    traits: [],
    make: rememberingBy((session) => session.slice(0, 9)),
    script: [ask(SMITH, 'talk', 'morning-round-1'), ask(FOSTER, 'talk', 'morning-round-2')],
  },
  {
    id: 'runtime-session-by-tenant',
    class: CLASS,
    does: 'the runtime keys what a session said by the tenant of the caller',
    source: 'assumed: a session of the clinic and not of its user',
    promise: 'I1',
    implies: [],
    boundary: 'runtime',
    mechanism: 'session keyed by the tenant alone',
    traits: ['within one tenant'],
    make: breaking('runtime', (sound) => {
      const said = new Map<unknown, string>();
      return (call, hop) => {
        const { tenant } = claimsOf((header(call.headers, 'authorization') ?? '').slice(7));
        const before = said.get(tenant);
        if (tenant !== undefined) said.set(tenant, promptIn(call));
        return sound(before === undefined ? call : withEarlier(call, before), hop);
      };
    }),
    script: [ask(SMITH, 'talk', 'his'), ask(JONES, 'talk', 'hers')],
  },
  {
    id: 'memory-cuts-namespaces',
    class: CLASS,
    does: 'memory cuts namespaces to ten characters, so that those of two clinics are one',
    source: 'assumed: a column that is too narrow',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'memory',
    mechanism: 'namespace cut',
    traits: [],
    make: storing('memory', 'memory-records', (store) => ({
      query: (namespace, most) => store.query(namespace.slice(0, 10), most),
      put: (namespace, id, value) => store.put(namespace.slice(0, 10), id, value),
    })),
    script: [ask(SMITH, 'talk'), wait(minutes(1), ask(CHEN, 'recall'))],
  },
  {
    id: 'memory-matches-namespace-prefix',
    class: CLASS,
    does: 'memory finds records by the first part of a namespace, which is the tenant',
    source: 'assumed: `namespacePath` where `namespace` was meant',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'memory',
    mechanism: 'namespace matched by prefix',
    traits: ['within one tenant'],
    make: storing('memory', 'memory-records', (store) => ({
      query: (namespace, most) => {
        const [, tenant] = namespace.split('/');
        const found = store.scan(`/${tenant}/`);
        return most === undefined ? found : found.slice(-most);
      },
    })),
    script: [ask(SMITH, 'talk'), wait(minutes(1), ask(JONES, 'recall'))],
  },
  {
    id: 'identity-actor-of-role',
    class: CLASS,
    does: 'the actor id of a user is made of tenant and role',
    source: 'W32, published sample main.py:172: a composite id that is not injective',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'identity',
    mechanism: 'actor id without the user',
    traits: ['within one tenant'],
    make: namingActors(
      ({ tenant, role }) => `${encodeId(String(tenant))}/${encodeId(String(role))}`,
    ),
    script: [ask(SMITH, 'talk'), wait(minutes(1), ask(JONES, 'recall'))],
  },
  {
    id: 'identity-actor-without-tenant',
    class: CLASS,
    does: "the actor id of a user leaves out the tenant, so that one who moves takes a clinic's memory along",
    source: 'W32 and W08, published sample: a clinic that changes',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'identity',
    mechanism: 'actor id without the tenant',
    traits: ['needs time or a life-cycle step'],
    make: namingActors((claims) => `pool/${encodeId(localPart(claims))}`),
    script: [
      ask(SMITH, 'talk'),
      order({ kind: 'move-user', tenant: SMITH.tenant, user: SMITH.user, to: CHEN.tenant }),
      wait(minutes(1), ask({ tenant: CHEN.tenant, user: SMITH.user }, 'recall')),
    ],
  },
  {
    id: 'iam-memory-by-tenant',
    class: CLASS,
    does: 'IAM scopes memory by the tenant and not by the actor',
    source: 'W38, published sample infrastructure.yaml:37',
    promise: 'I3',
    implies: ['I1'],
    boundary: 'iam',
    mechanism: 'namespace scoped without the actor',
    traits: ['within one tenant'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's
    make: underIam((text) => text.replaceAll('/${aws:PrincipalTag/Actor}/*', '/*')),
    script: [
      ask(JONES, 'talk'),
      wait(minutes(1), attempt(SMITH, JONES, 'memory RetrieveMemoryRecords')),
    ],
  },
  {
    id: 'knowledge-splits-at-dash',
    class: CLASS,
    does: 'the knowledge base takes what stands before the first dash for the tenant',
    source: 'W32, published sample: ids joined with a dash that may hold dashes',
    promise: 'I3',
    implies: ['I1', 'I10'],
    boundary: 'knowledge',
    mechanism: 'composite id split at the first dash',
    traits: [],
    make: storing('knowledge', 'knowledge', (store) => ({
      // The tools look at the owner of each passage again: it must be lost here to reach anybody.
      query: (partition) => store.scan(kindOf(partition)).map((item) => ({ ...item, partition })),
    })),
    script: [searchFirst(NOVAK), searchFirst(FOSTER)],
  },
  {
    id: 'table-folds-keys',
    class: CLASS,
    does: 'the table compares partition keys by their first eight characters',
    source: 'assumed: a hash that is too short',
    promise: 'I1',
    implies: ['I3', 'I10'],
    boundary: 'table',
    mechanism: 'partition key cut',
    traits: [],
    make: storing('table', 'table', (store) => ({
      get: (partition, sort) =>
        store.scan(partition.slice(0, 8)).find((item) => item.sort === sort),
    })),
    script: [readFirst(SMITH), readFirst(CHEN), readFirst(NOVAK)],
  },
];

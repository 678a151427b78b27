// What does a compromised agent try with credentials that are its own user's?

import { MEMORY_ID } from '../../domain/arn.ts';
import type { ServiceName } from '../../domain/ports.ts';
import type { Call, Headers } from '../../domain/wire.ts';
import type { ProbeKind } from '../../scenario/schema.ts';
import { knowledgeRetrieve, memoryRetrieve, tableGet } from './calls.ts';
import { type Attempt, type Cast, victimActor, victimTenant } from './cast.ts';

type Stolen = (cast: Cast, own: Headers, theirs: Headers) => readonly Attempt[];

/** A call with the attacker's own credentials on what is the victim's, and the victim's own call beside it. */
const pair =
  (to: ServiceName, operation: string, call: (credentials: Headers) => Call): Stolen =>
  (_cast, mine, theirs) => [
    { as: 'attacker', peer: 'internet', to, operation, call: call(mine), expects: 'refusal' },
    { as: 'victim', peer: 'internet', to, operation, call: call(theirs), expects: 'service' },
  ];

export const WITH_CREDENTIALS: Partial<Readonly<Record<ProbeKind, Stolen>>> = {
  'stranger-namespace': (cast, mine, theirs) =>
    pair('memory', 'RetrieveMemoryRecords', (headers) =>
      memoryRetrieve(victimActor(cast), headers),
    )(cast, mine, theirs),
  'stranger-actor': (cast, mine, theirs) =>
    pair('memory', 'ListSessions', (headers) => ({
      method: 'POST',
      path: `/memories/${MEMORY_ID}/actor/${encodeURIComponent(victimActor(cast))}/sessions`,
      headers,
      body: '{}',
    }))(cast, mine, theirs),
  'stranger-record': (cast, mine) => {
    const namespace = encodeURIComponent(`/${victimActor(cast)}/facts/`);
    const path = `/memories/${MEMORY_ID}/memoryRecord/mem-${'0'.repeat(40)}?namespace=${namespace}`;
    // Nobody can be granted this: no condition key scopes it. The cell reads `closed`, without a control.
    return [
      {
        as: 'attacker',
        peer: 'internet',
        to: 'memory',
        operation: 'GetMemoryRecord',
        expects: 'refusal',
        call: { method: 'GET', path, headers: mine, body: '' },
      },
    ];
  },
  'stranger-document-filter': (cast, mine, theirs) => {
    const attempts = pair('knowledge', 'Retrieve', (headers) =>
      knowledgeRetrieve(victimTenant(cast), headers),
    )(cast, mine, theirs);
    // Documents are for clinicians: for anyone else the tenant's own call is no positive control but a probe.
    const clinical = cast.victimBearer.role === 'physician' || cast.victimBearer.role === 'nurse';
    return clinical
      ? attempts
      : attempts.map((attempt) => ({ ...attempt, expects: 'refusal' as const }));
  },
  'direct-table': (cast, mine, theirs) =>
    pair('table', 'GetItem', (headers) => tableGet(victimTenant(cast), headers))(
      cast,
      mine,
      theirs,
    ),
};

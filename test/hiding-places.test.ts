// Where else may a secret or a wrong name hide, and who is accused of it? Hand-made histories of an
// event or two, and what checks say.

import { expect, test } from 'vitest';
import { Attribution } from '../sim/checks/attribution.ts';
import type { Check, Known } from '../sim/checks/check.ts';
import { CredentialUse } from '../sim/checks/credentials.ts';
import { Identity } from '../sim/checks/identity.ts';
import { Integrity } from '../sim/checks/integrity.ts';
import { Mediation } from '../sim/checks/mediation.ts';
import { NoFlow } from '../sim/checks/no-flow.ts';
import { Service } from '../sim/checks/service.ts';
import { Recent } from '../sim/domain/finding.ts';
import type {
  Authorized,
  Emitted,
  Exchange,
  HistoryEvent,
  RequestFacts,
} from '../sim/domain/history.ts';
import { Ledger, ownLabel } from '../sim/domain/ledger.ts';
import type { TelemetryRecord } from '../sim/domain/ports.ts';
import { secretIn } from '../sim/domain/secret-text.ts';
import { principalOf } from './measures/hand.ts';

const ledger = new Ledger();
const [anna, stranger] = [principalOf('clinic-a'), principalOf('clinic-b')];
const own = ledger.plant(ownLabel(ledger, anna), 'prompt').text;
const foreign = ledger.plant(ownLabel(ledger, stranger), 'record').text;
const JWT = `eyJ${'h'.repeat(20)}.eyJ${'p'.repeat(40)}.${'s'.repeat(40)}`;
const known: Known = {
  ledger,
  entitlements: [],
  modelOf: () => undefined,
  recent: new Recent(),
};

const request: RequestFacts = {
  number: 1,
  kind: 'ask',
  principal: anna,
  writes: ownLabel(ledger, anna),
  plannedUs: 0,
  origin: 'rounds',
  bearer: {
    text: JWT,
    owner: anna,
    standing: 'good',
    tier: 'basic',
    tenant: anna.tenant.incarnation,
    role: 'physician',
    clinic: 'clinic-a',
    sub: 'sub-anna',
    issuedUs: 0,
    expiresUs: 3_600_000_000,
  },
};

const exchange = (facts: Partial<Pick<Exchange, 'from' | 'to' | 'call' | 'reply'>>): Exchange => ({
  ...{ kind: 'exchange', index: 0, atUs: 1, startedUs: 0, request, hop: 2, parent: 1 },
  ...{ from: 'runtime', to: 'memory', faulted: false },
  call: { method: 'POST', path: '/', headers: [], body: '' },
  reply: { status: 200, headers: [], body: '{}' },
  ...facts,
});

const emitted = (record: TelemetryRecord): Emitted => ({
  ...{ kind: 'emitted', index: 0, atUs: 1, request, hop: 2, service: 'runtime', record },
});

/** The sinks of what a check finds in one event. */
const sinksIn = (check: Check, event: HistoryEvent): readonly string[] => {
  check.see(event);
  return check.conclude().findings.map(({ violation }) => violation.sink);
};
const flowsIn = (event: Exchange | Emitted): readonly string[] => sinksIn(new NoFlow(known), event);

const calling = (name: string, value: string): Exchange =>
  exchange({ call: { method: 'POST', path: '/', headers: [[name, value]], body: '' } });
const replying = (name: string, value: string): Exchange =>
  exchange({
    from: 'internet',
    to: 'front-door',
    reply: { status: 200, headers: [[name, value]], body: '' },
  });

test.each([
  ['the value of a header of a call', calling('x-reason', foreign), 'request header'],
  ['the name of a header of a call', calling(`x-${foreign}`, '1'), 'request header'],
  ['the value of a header of a reply', replying('x-reason', foreign), 'header'],
  ['the name of a header of a reply', replying(`x-${foreign}`, '1'), 'header'],
  [
    'the content type of a reply',
    replying('content-type', `text/plain; of="${foreign}"`),
    'header',
  ],
])('a canary of another is found in %s', (_where, event, sink) => {
  expect(flowsIn(event)).toEqual([sink]);
});

test('baggage holds no content, not even the caller’s own', () => {
  expect(flowsIn(calling('baggage', `prompt=${encodeURIComponent(own)}`))).toEqual(['baggage']);
  expect(flowsIn(calling('baggage', `t=${JWT}`))).toEqual(['baggage']);
  expect(flowsIn(calling('x-reason', own))).toEqual([]);
  expect(flowsIn(calling('authorization', `Bearer ${JWT}`))).toEqual([]);
});

const span = (facts: Partial<Extract<TelemetryRecord, { kind: 'span' }>>): Emitted =>
  emitted({
    ...{ kind: 'span', service: 'runtime', name: 'chat', traceId: 't', attributes: {} },
    ...facts,
  });
const usage = { tier: 'basic', tenant: 'clinic-a', user: 'sub-anna', modelId: 'm' };
const charged = { inputTokens: 1, outputTokens: 1, costMicroUsd: 1 };

test.each([
  ['the name of an attribute', span({ attributes: { [own]: 1 } }), 'span'],
  ['an attribute that is an object', span({ attributes: { said: { text: own } } }), 'span'],
  ['a list within a list', span({ attributes: { said: [['user', own]] } }), 'span'],
  [
    'the user of a charge',
    emitted({ kind: 'usage', usage: { ...usage, ...charged, user: own } }),
    'charge',
  ],
  [
    'the model of a charge',
    emitted({ kind: 'usage', usage: { ...usage, ...charged, modelId: own } }),
    'charge',
  ],
])('content is found in %s', (_where, event, sink) => {
  expect(flowsIn(event)).toEqual([sink]);
});

const namesIn = (event: Exchange | Emitted): readonly string[] =>
  sinksIn(new Attribution(known), event);
const log = (fields: object): Emitted =>
  emitted({ kind: 'log', service: 'runtime', line: JSON.stringify(fields) });

test('baggage that no decoder can read names nobody, and is a finding', () => {
  expect(namesIn(calling('baggage', 'tenant.id=100%,tenant.tier=basic'))).toEqual(['baggage']);
});

test('a second baggage beside the right one names its caller, too', () => {
  const right = 'tenant.id=clinic-a,tenant.tier=basic,tenant.scope=physician';
  const wrong = 'tenant.id=clinic-b,tenant.tier=basic,tenant.scope=physician';
  const headers = [
    ['baggage', right],
    ['baggage', wrong],
  ] as const;
  const call = { method: 'POST', path: '/', headers, body: '' };
  expect(namesIn(exchange({ call }))).toEqual(['baggage']);
  expect(namesIn(calling('baggage', `${right},${wrong}`))).toEqual(['baggage']);
  expect(namesIn(calling('baggage', right))).toEqual([]);
});

test('a log line that names a tier names the caller’s', () => {
  expect(namesIn(log({ tenant: 'clinic-a', tier: 'basic' }))).toEqual([]);
  expect(namesIn(log({ tenant: 'clinic-a', tier: 'premium' }))).toEqual(['log']);
  expect(namesIn(log({ tenant: 'clinic-b', tier: 'basic' }))).toEqual(['log']);
});

test('credentials of the tier or the role that a caller had before are nobody’s now', () => {
  const vended = { owner: anna, issuedUs: 0, dueUs: 900_000_000 };
  ledger.recordCredentials('now', { ...vended, tier: 'basic', role: 'physician' });
  ledger.recordCredentials('other tier', { ...vended, tier: 'premium', role: 'physician' });
  ledger.recordCredentials('other role', { ...vended, tier: 'basic', role: 'nurse' });
  const used = (sessionToken: string): Authorized => ({
    ...{ kind: 'authorized', index: 0, atUs: 1, request, hop: 2, service: 'table' },
    question: { sessionToken, action: 'dynamodb:GetItem', resource: 'r', context: {}, nowUs: 1 },
    decision: { kind: 'allowed', statement: 's' },
  });
  const said = (sessionToken: string) => sinksIn(new CredentialUse(known), used(sessionToken));
  expect(said('now')).toEqual([]);
  expect(said('other tier')).toEqual(['outdated']);
  expect(said('other role')).toEqual(['outdated']);
});

test('what a request still under way owes accuses nobody, and what an ended one owes does', () => {
  const metered = { modelId: 'm', inputTokens: 1, outputTokens: 1, queuedUs: 0 } as const;
  const place = { index: 0, atUs: 1, request } as const;
  const reply = { status: 200, headers: [], body: '' };
  const stopped = new Attribution(known);
  const ended = new Attribution(known);
  for (const check of [stopped, ended]) {
    check.see({ ...place, kind: 'arrived' });
    check.see({ ...place, kind: 'metered', ...metered });
  }
  ended.see({ ...place, kind: 'ended', outcome: 'completed', status: 200, startedUs: 0, reply });
  expect(stopped.conclude().findings).toEqual([]);
  expect(ended.conclude().findings.map(({ violation }) => violation.sink)).toEqual(['usage']);
});

test.each(['base64', 'base64url', 'hex'] as const)('a secret is found in %s', (wrapping) => {
  const credentials = `IQoJ${'0a'.repeat(30)}`;
  const wrapped = (text: string): string => Buffer.from(text).toString(wrapping);
  for (const before of ['', '"', '{"', '{"a":"']) {
    expect(secretIn(`got ${wrapped(`${before}${JWT}"`)}.`)).toBe('a bearer token');
    expect(secretIn(`got ${wrapped(`${before}${credentials}"`)}.`)).toBe('credentials');
    expect(secretIn(`got ${wrapped(`${before}${'harmless '.repeat(20)}eyJ IQoJ`)}.`)).toBe(
      undefined,
    );
  }
});

test('a genuine token is known whatever the case of its scheme', () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    const headers = [['authorization', `${scheme} ${JWT}`]] as const;
    const call = { method: 'POST', path: '/', headers, body: '' };
    expect(sinksIn(new Identity(known), exchange({ to: 'runtime', call }))).toEqual([]);
  }
});

test('a record is intact as a text of the reply and as a part of it, and altered otherwise', () => {
  const value = '{"patient":"P1001","canary":"x"}';
  const altered = (body: string): readonly string[] => {
    const check = new Integrity(known);
    const item = { partition: 'p', sort: 's', value, writtenUs: 0, owner: 0 };
    check.see({
      ...{ kind: 'stored', index: 0, atUs: 1, request, hop: 2, service: 'table', store: 'table' },
      ...{ operation: 'get', partition: 'p', sort: 's', items: [item] },
    });
    const reply = { status: 200, headers: [], body };
    return sinksIn(check, exchange({ to: 'table', reply }));
  };
  expect(altered(JSON.stringify({ Items: [value] }))).toEqual([]);
  expect(altered(`{"Items":[${value}]}`)).toEqual([]);
  expect(altered('{"Items":["{}"]}')).toEqual(['altered']);
});

test('a tool that ran without an allow is found, and one that refused or failed is none', () => {
  const call = { method: 'POST', path: '/tools/clinic_config', headers: [], body: '{}' };
  const found = (status: number): readonly string[] =>
    sinksIn(
      new Mediation(known),
      exchange({ to: 'tools', call, reply: { status, headers: [], body: '{}' } }),
    );
  for (const status of [200, 404]) expect(found(status)).toEqual(['tool effect']);
  for (const status of [401, 405, 422, 429, 500, 502]) expect(found(status)).toEqual([]);
});

test('an owner that is refused its own is found, and one that meets a busy service is none', () => {
  const probe = {
    kind: 'stranger-key',
    boundary: 'table',
    operation: 'GetItem',
    relation: 'same user',
    expects: 'service',
  } as const;
  const ended = (status: number): readonly string[] =>
    sinksIn(new Service(known), {
      ...{ kind: 'ended', index: 0, atUs: 1, startedUs: 0, outcome: 'refused', status },
      request: { ...request, kind: 'probe', probe },
      reply: { status, headers: [], body: '' },
    });
  expect(ended(403)).toEqual(['control']);
  expect(ended(429)).toEqual([]);
});

// Does a platform on loopback HTTP keep its promises, and stand what clients and networks do?

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { HistoryEvent } from '../sim/domain/history.ts';
import type { Platform, PlatformKit, Service } from '../sim/domain/ports.ts';
import { faultOf } from '../sim/faults.ts';
import { reference } from '../sim/platforms/reference.ts';
import { Answer } from '../sim/server/answer.ts';
import { BODY_BYTES_MAX, piecesIn, TOLD_HEADER, toldText } from '../sim/server.ts';
import { clientNamed, findingsOf, invocation, openServer, signIn } from './open-server.ts';

/** Against what never comes, not what is late. */
const PATIENT = { timeout: 60_000 };

const servicesCalled = (events: readonly HistoryEvent[]): ReadonlySet<string> =>
  new Set(events.flatMap((event) => (event.kind === 'exchange' ? [event.to] : [])));

test('a question goes through every service over HTTP, under the checks of simulated time', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const prompt = 'please use patient_context {"clinic_id":"clinic-a","patient_id":"P1001"}';
  const { url, init } = invocation(opened, 'dr.smith', bearer, prompt);
  const reply = await fetch(url, init);
  expect(reply.status).toBe(200);
  expect(await reply.text()).toContain('patient P1001, blood pressure 120/80');
  const folded = await opened.conclude();
  expect([...servicesCalled(opened.events)].sort()).toEqual(
    'credentials front-door gateway identity memory model runtime sts table tools'.split(' '),
  );
  expect(findingsOf(folded)).toEqual([]);
  const evidence = Object.fromEntries(folded.verdicts.map((one) => [one.promise, one.evidence]));
  for (const promise of ['I1', 'I3', 'I4', 'I5', 'I7'])
    expect(evidence[promise]).toBeGreaterThan(0);
  expect(folded.measured.limiter).toMatchObject([{ tenant: 'clinic-a:1', admitted: 1 }]);
});

test('an answer that is asked for as events comes in pieces that join to the whole', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  const reply = await fetch(url, {
    ...init,
    headers: { ...init.headers, accept: 'text/event-stream' },
  });
  expect(reply.headers.get('content-type')).toBe('text/event-stream');
  const pieces = piecesIn(await reply.text());
  expect(pieces.length).toBeGreaterThan(2);
  expect(JSON.parse(pieces.join(''))).toHaveProperty('answer');
});

test('one trace goes from the first hop to the last, with the tenant in its baggage', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  await fetch(url, init);
  await opened.conclude();
  const [asked] = opened.events.filter(
    (event) => event.kind === 'arrived' && event.request?.kind === 'ask',
  );
  const own = opened.events.filter(({ request }) => request?.number === asked?.request?.number);
  // A service that fetches the key set does so for all, in a trace of its own.
  const traces = own.flatMap((event) =>
    event.kind === 'emitted' && event.record.kind === 'span' && event.service !== 'identity'
      ? [event.record.traceId]
      : [],
  );
  expect(new Set(traces).size).toBe(1);
  const baggage = own.flatMap((event) =>
    event.kind === 'exchange' && event.parent !== 0 && !['model', 'identity'].includes(event.to)
      ? [event.call.headers.find(([name]) => name === 'baggage')?.[1] ?? '']
      : [],
  );
  expect(baggage.length).toBeGreaterThan(5);
  expect(baggage.filter((text) => !text.includes('tenant.id=clinic-a'))).toEqual([]);
});

test('baggage of a caller, 8 KiB of it, goes no further than the outer door', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  const baggage = `tenant.id=clinic-b,padding=${'x'.repeat(8_165)}`;
  const reply = await fetch(url, { ...init, headers: { ...init.headers, baggage } });
  expect(reply.status).toBe(200);
  expect(findingsOf(await opened.conclude())).toEqual([]);
  const passedOn = opened.events.filter(
    (event) =>
      event.kind === 'exchange' &&
      event.to !== 'front-door' &&
      event.call.headers.some(([, value]) => value.includes('clinic-b')),
  );
  expect(passedOn).toEqual([]);
});

test('10,000 bytes of headers are read, and more than Node takes are refused and counted', async () => {
  const opened = await openServer();
  const { outsideUrl, tally } = opened.server;
  const padded = (bytes: number) =>
    fetch(outsideUrl, { method: 'POST', headers: { 'x-padding': 'x'.repeat(bytes) } });
  expect((await padded(10_000)).status).toBe(400);
  expect((await padded(20_000)).status).toBe(431);
  expect(tally.malformed).toBe(1);
});

test('a body of 10 MB is refused unread, malformed JSON is a mistake of its sender', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  const large = await fetch(url, { ...init, body: 'x'.repeat(10_000_000) });
  expect(large.status).toBe(413);
  expect((await fetch(url, { ...init, body: '{"prompt": ' })).status).toBe(400);
  expect(opened.server.tally.tooLarge).toBe(1);
  expect((await fetch(url, init)).status).toBe(200);
  expect(findingsOf(await opened.conclude())).toEqual([]);
});

test('a connection that never sends its request whole is closed, and counted', async () => {
  const opened = await openServer({ patienceMs: 200 });
  const { hostname, port } = new URL(opened.server.outsideUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nhost: half-open\r\ncontent-length: 100\r\n\r\nonly this');
  socket.resume();
  await once(socket, 'close');
  expect(opened.server.tally.malformed).toBe(1);
  expect((await fetch(`${opened.server.outsideUrl}/healthz`)).status).toBe(200);
});

test('bytes that are no HTTP are answered with 400, and the next client is served', async () => {
  const opened = await openServer();
  const { hostname, port } = new URL(opened.server.outsideUrl);
  const socket = connect(Number(port), hostname);
  socket.write('this is no request\r\n\r\n');
  const [said] = (await once(socket, 'data')) as [Buffer];
  expect(said.toString()).toContain('400 Bad Request');
  expect((await fetch(`${opened.server.outsideUrl}/healthz`)).status).toBe(200);
});

test('a client that leaves in mid-stream is counted, and nobody else is disturbed', async () => {
  const opened = await openServer({ speed: 2 });
  const bearer = await signIn(opened, 'dr.foster');
  const leaving = new AbortController();
  const reply = await fetch(`${opened.server.insideUrl}/v1/chat/completions`, {
    method: 'POST',
    signal: leaving.signal,
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({
      model: 'openai.gpt-oss-120b',
      stream: true,
      messages: [{ role: 'user', content: 'a long story, '.repeat(150) }],
    }),
  });
  expect(reply.status).toBe(200);
  await reply.body?.getReader().read();
  leaving.abort();
  await expect.poll(() => opened.server.tally.left, PATIENT).toBe(1);
  expect((await fetch(`${opened.server.insideUrl}/healthz`)).status).toBe(200);
});

test('a reader that lets an answer pile up is cut, so that memory stays bounded', async () => {
  const why: string[] = [];
  let written = 0;
  const http = createServer((_request: IncomingMessage, response) => {
    const answer = new Answer(response, (reason) => why.push(reason));
    const frame = `${JSON.stringify({ text: 'x'.repeat(10_000) })}\n`;
    const more = (): void => {
      if (why.length > 0 || written > 10_000) return;
      written += 1;
      answer.frame(frame, [['content-type', 'text/event-stream']]);
      setImmediate(more);
    };
    more();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void http.close());
  await once(http, 'listening');
  const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: slow\r\n\r\n');
  await expect.poll(() => why, PATIENT).toEqual(['slow']);
  expect(written).toBeLessThan(10_000);
  socket.destroy();
});

test('a model host that hangs costs the caller 29 seconds and nobody anything else', async () => {
  const slow = { service: 'model', kind: 'slow', factor: 1000 } as const;
  const opened = await openServer({ speed: 100, faults: [slow] });
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  const reply = await fetch(url, init);
  expect([reply.status, await reply.json()]).toEqual([
    504,
    { message: 'Endpoint request timed out' },
  ]);
  expect(findingsOf(await opened.conclude())).toEqual([]);
});

test('a service that is gone fails the request closed, over HTTP as well', async () => {
  const opened = await openServer({ faults: [{ service: 'credentials', kind: 'gone' }] });
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  expect((await fetch(url, init)).status).toBe(503);
  expect(findingsOf(await opened.conclude())).toEqual([]);
});

test.each(['runtime', 'front-door'] as const)(
  'a header of the %s that HTTP cannot carry fails the request at once, and does not hang it',
  async (service) => {
    const platform = (kit: PlatformKit): Platform => {
      const base = reference(kit);
      const named: Service = async (call, hop) => {
        const reply = await base.services[service](call, hop);
        return { ...reply, headers: [...reply.headers, ['x-clinic', 'Łódź']] };
      };
      return { ...base, services: { ...base.services, [service]: named } };
    };
    const opened = await openServer({ platform });
    const bearer = await signIn(opened, 'dr.smith');
    const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
    const reply = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    expect(reply.status).toBe(500);
  },
);

test('from the internet only the front door and the identity service answer', async () => {
  const opened = await openServer();
  const { outsideUrl } = opened.server;
  for (const path of ['/memory/memories/m/retrieve', '/mcp', '/v1/models', '/credentials/'])
    expect((await fetch(`${outsideUrl}${path}`, { method: 'POST' })).status).toBe(403);
  await opened.conclude();
  expect([...servicesCalled(opened.events)]).toEqual(['front-door']);
});

test('a ticket that nobody issued opens no door, and none opens it twice', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  await fetch(url, init);
  for (const number of [1, 2, 3, 1000]) {
    const reply = await fetch(`${opened.server.insideUrl}/sts/`, {
      method: 'POST',
      headers: { 'x-poolproof-ticket': `of this test.${number}` },
      body: JSON.stringify({ Action: 'AssumeRole' }),
    });
    expect(reply.status).toBe(403);
  }
});

test('what a driver says of its call is believed with the secret of the run only', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  const { membership } = clientNamed(opened, 'dr.foster').principal;
  const told = { number: 7, kind: 'ask', origin: 'test', plannedUs: 0, membership } as const;
  for (const secret of ['of this test', 'a guess'])
    await fetch(url, {
      ...init,
      headers: { ...init.headers, [TOLD_HEADER]: toldText(told, secret) },
    });
  const asked = opened.events.flatMap((event) =>
    event.kind === 'arrived' && event.request?.kind === 'ask' ? [event.request] : [],
  );
  expect(asked.map(({ principal }) => principal?.user)).toEqual(['dr.foster', 'dr.smith']);
  expect(asked[0]?.number).toBe(7);
});

const CROWD: readonly (readonly [user: string, prompt: string])[] = [
  ['dr.smith', 'use patient_context {"clinic_id":"clinic-a","patient_id":"P1001"}'],
  ['dr.chen', 'use patient_context {"clinic_id":"clinic-b","patient_id":"P1001"}'],
  ['dr.foster', 'use patient_context {"clinic_id":"hospital-a","patient_id":"P1001"}'],
  ['dr.wilson', 'use patient_context {"clinic_id":"hospital-a","patient_id":"P1001"}'],
  ['dr.novak', 'use patient_context {"clinic_id":"hospital-b","patient_id":"P1001"}'],
];

test.each([
  ['an ambient tenant', 'runtime-current-caller'],
  ['crossed streams', 'front-door-one-buffer'],
  ['a shared client', 'tools-last-credentials'],
])('%s is caught when users of four tenants ask over HTTP at one time (%s)', async (_what, id) => {
  const opened = await openServer({ platform: faultOf(id).make });
  const asks = await Promise.all(
    CROWD.map(async ([user, prompt]) =>
      invocation(opened, user, await signIn(opened, user), `please ${prompt}`),
    ),
  );
  for (let round = 0; round < 3; round += 1)
    await Promise.all(asks.map(({ url, init }) => fetch(url, init).then((reply) => reply.text())));
  const folded = await opened.conclude();
  const broken = folded.verdicts.filter(({ findings }) => findings.length > 0);
  expect(broken.map(({ promise }) => promise)).toContain(faultOf(id).promise);
});

test('the same crowd finds nothing on the sound platform', async () => {
  const opened = await openServer();
  for (const [user, prompt] of CROWD) {
    const { url, init } = invocation(opened, user, await signIn(opened, user), `please ${prompt}`);
    const statuses = await Promise.all(
      [1, 2, 3].map(() => fetch(url, init).then(({ status }) => status)),
    );
    expect(statuses).toEqual([200, 200, 200]);
  }
  expect(findingsOf(await opened.conclude())).toEqual([]);
});

test('who comes while the server ends is turned away, and who came before is served', async () => {
  const opened = await openServer();
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  const early = fetch(url, init);
  await expect.poll(() => opened.server.live.open, PATIENT).toBe(1);
  const folded = opened.conclude();
  expect((await fetch(url, init)).status).toBe(503);
  expect((await early).status).toBe(200);
  const { played, measured } = await folded;
  expect(measured.requests).toMatchObject({ arrived: 1, completed: 1 });
  // Who signed in asked nothing.
  expect(played.planned).toBe(1);
});

test('a call between services that is too large is refused, and its ticket opens nothing afterwards', async () => {
  const opened = await openServer({
    platform: (kit) => {
      const base = reference(kit);
      const runtime: Service = (call, hop) =>
        hop.call('memory', { ...call, path: '/', body: 'x'.repeat(BODY_BYTES_MAX + 1) });
      return { ...base, services: { ...base.services, runtime } };
    },
  });
  const bearer = await signIn(opened, 'dr.smith');
  const { url, init } = invocation(opened, 'dr.smith', bearer, 'good morning');
  expect((await fetch(url, init)).status).toBe(413);
  const before = opened.events.length;
  for (let number = 1; number < 20; number += 1)
    await fetch(`${opened.server.insideUrl}/memory/`, {
      method: 'POST',
      headers: { 'x-poolproof-ticket': `of this test.${number}` },
    });
  expect(opened.events.length).toBe(before);
});

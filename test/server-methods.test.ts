// Is a request of any method that HTTP knows a call at the doors, or refused and counted?

import { once } from 'node:events';
import { type IncomingMessage, METHODS, request as requested } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { findingsOf, openServer } from './open-server.ts';

/** The status of a request by any method, with a body where its method may have one. */
const sent = (method: string, url: string): Promise<number | undefined> =>
  new Promise((done, failed) => {
    const body = ['GET', 'HEAD', 'TRACE'].includes(method) ? '' : 'one question';
    // Node leaves the length out for some methods, and the body would be the next request.
    const headers = { 'content-type': 'text/plain', 'content-length': String(body.length) };
    const request = requested(url, { method, agent: false, headers }, (reply: IncomingMessage) => {
      reply.resume().on('end', () => done(reply.statusCode));
    });
    request.on('error', failed);
    request.end(body);
  });

test('every method that Node reads is a call at the doors, with its body', async () => {
  const opened = await openServer();
  const { outsideUrl, insideUrl, tally } = opened.server;
  const before = tally.answered;
  const asked = METHODS.filter((method) => method !== 'CONNECT');
  const statuses = await Promise.all(
    asked.flatMap((method) =>
      [outsideUrl, insideUrl].map(
        async (url) => [method, await sent(method, `${url}/mcp`)] as const,
      ),
    ),
  );
  expect(statuses.filter(([, status]) => status === undefined || status === 501)).toEqual([]);
  expect(tally.malformed).toBe(0);
  expect(tally.answered - before).toBe(statuses.length);
  const calls = opened.events.flatMap((event) =>
    event.kind === 'exchange' && event.from !== 'gateway' ? [event] : [],
  );
  for (const to of ['front-door', 'gateway']) {
    const methods = calls.filter((event) => event.to === to).map(({ call }) => call.method);
    expect(methods.toSorted()).toEqual(asked.toSorted());
  }
  const withBody = calls.filter(({ call }) => call.body === 'one question');
  expect(withBody.map(({ call }) => call.method)).toContain('PROPFIND');
  expect(findingsOf(await opened.conclude())).toEqual([]);
});

test('CONNECT is refused and counted, and the next client is served', async () => {
  const opened = await openServer();
  const { hostname, port } = new URL(opened.server.outsideUrl);
  const socket = connect(Number(port), hostname);
  socket.write('CONNECT elsewhere:443 HTTP/1.1\r\nhost: elsewhere\r\n\r\n');
  const [said] = (await once(socket, 'data')) as [Buffer];
  expect(said.toString()).toContain('501 Not Implemented');
  await once(socket, 'close');
  expect(opened.server.tally.malformed).toBe(1);
  expect((await fetch(`${opened.server.outsideUrl}/healthz`)).status).toBe(200);
});

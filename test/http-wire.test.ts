// Does the generator read all that came, whatever form the answer has?

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WallClock } from '../sim/kernel/wall-clock.ts';
import { HttpWire } from '../sim/load.ts';

const heard = async (body: string) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const clock = new WallClock();
  const wire = new HttpWire({ clock, baseUrl: '' });
  onTestFinished(async () => {
    await wire.close();
    clock.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const call = { method: 'GET', path: '/', headers: [], body: '' };
  return wire.send(`http://127.0.0.1:${port}`, call);
};

test('events of the bundled server give their pieces', async () => {
  expect(await heard('data: "one "\n\ndata: "two"\n\n')).toMatchObject({
    body: 'one two',
    chunks: ['one ', 'two'],
  });
});

test.each([
  'event: message\ndata: "a secret"\n\n',
  'data: "fine"\n\nid: 7\ndata: "a secret"\n\n',
  ': a secret\n\ndata: "fine"\n\n',
  'data: "fine"\r\n\r\ndata: "a secret"\r\n\r\n',
])('events of another make are read whole (%j)', async (body) => {
  expect((await heard(body)).body).toBe(body);
});

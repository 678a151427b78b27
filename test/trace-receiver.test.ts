// Are the spans of a target joined to its asks, whichever comes first?

import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WallClock } from '../sim/kernel/wall-clock.ts';
import { TraceReceiver } from '../sim/load/trace-receiver.ts';

const TRACE = 'a'.repeat(32);
const SENT = 'b'.repeat(16);

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });

const nameless = {
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              ...{ traceId: TRACE, spanId: 'c'.repeat(16), parentSpanId: SENT, name: 'ask' },
              ...{ startTimeUnixNano: '1000', endTimeUnixNano: '2000' },
            },
          ],
        },
      ],
    },
  ],
};

test.each(['before', 'after'])(
  'a span that names nobody is found where it comes %s the answer',
  async (when) => {
    const clock = new WallClock();
    onTestFinished(() => clock.close());
    const form = { port: await freePort(), tenant: 'tenant.id' };
    const receiver = await TraceReceiver.open(form, clock, () => 'nobody');
    receiver.begun(TRACE, SENT, 'clinic-a');
    if (when === 'after') receiver.answered(TRACE);
    const { status } = await fetch(receiver.url, {
      ...{ method: 'POST', body: JSON.stringify(nameless) },
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(200);
    if (when === 'before') receiver.answered(TRACE);
    const { judgement } = await receiver.close(() => false);
    const naming = judgement.verdicts.find(({ promise }) => promise === 'I5');
    expect(naming?.findings.map(({ violation }) => violation.title)).toEqual([
      'an answered request names nobody',
    ]);
  },
);

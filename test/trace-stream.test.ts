// Do spans stream to a collector beside the requests, and does a bad collector cost spans alone?

import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { TraceBook } from '../sim/checks.ts';
import { readInputs } from '../sim/cli/inputs.ts';
import { type StreamSettings, type TraceStream, traceStream } from '../sim/cli/trace-stream.ts';
import type { HistoryEvent } from '../sim/domain/history.ts';
import type { ReceivedSpan } from '../sim/domain/received-span.ts';
import { UsageError } from '../sim/domain/usage-error.ts';
import { fold } from '../sim/engines/run.ts';
import { receiveTraces } from '../sim/protocol/otlp.ts';
import { type CollectedSpan, type Collecting, collecting, fromJaeger } from './collectors.ts';
import { put, smallScenario } from './command-line.ts';

type Kind = 'jaeger' | 'otlp';
const KINDS = ['jaeger', 'otlp'] as const;
const PATHS = { jaeger: '/api/traces', otlp: '/v1/traces' };

const taking = (): Promise<Collecting> =>
  collecting((_delivery, response) => response.writeHead(200).end('{}'));
const hanging = (): Promise<Collecting> => collecting(() => {});
/** An address at which nobody listens any more. */
const gone = async (): Promise<Collecting> => {
  const collector = await taking();
  await collector.close();
  return collector;
};
const failing = (): Promise<Collecting> =>
  collecting((_delivery, response) => response.writeHead(500).end('down'));

interface Streaming {
  readonly stream: TraceStream;
  readonly said: readonly string[];
}

const streaming = (
  kind: Kind,
  { url }: Collecting,
  settings: Omit<StreamSettings, 'say'> = {},
): Streaming => {
  const said: string[] = [];
  const stream = traceStream(`${kind}=${url}${PATHS[kind]}`, {
    say: (sentence) => said.push(sentence),
    ...settings,
  });
  return { stream, said };
};

/** Ends so many spans at once, as fast as the SDK can. */
const ending = (stream: TraceStream, count: number): void => {
  const tracer = new BasicTracerProvider({ spanProcessors: [stream] }).getTracer('test');
  for (let number = 0; number < count; number += 1) tracer.startSpan(`span ${number}`).end();
};

const lostOf = (stream: TraceStream): number => {
  const { ended, sent, dropped, refused, unsent } = stream.counts();
  expect(sent + dropped + refused + unsent).toBe(ended);
  return ended - sent;
};

/** The spans of a delivery of either format, in one form. */
const jaegerSpans = ({ deliveries }: Collecting): readonly CollectedSpan[] =>
  deliveries.flatMap(fromJaeger);
const otlpSpans = ({ deliveries }: Collecting): readonly ReceivedSpan[] =>
  deliveries.flatMap(({ contentType, body }) => receiveTraces(contentType, body).spans);

const keyOf = (
  { traceId, spanId, name, startUs, attributes }: CollectedSpan | ReceivedSpan,
  parent: string | undefined,
): string => {
  const who = ['tenant.id', 'tenant.tier', 'tenant.scope'].map((key) => attributes[key]);
  return [traceId, spanId, parent, name, startUs, ...who].join(' ');
};

test('good collectors get every span, bad ones cost spans alone, and the run is the same', async () => {
  const { inputs } = await readInputs(put('small.yaml', smallScenario()), {
    platform: 'reference',
  });
  const collectors = {
    jaeger: await taking(),
    otlp: await taking(),
    hanging: await hanging(),
    gone: await gone(),
    failing: await failing(),
  };
  const patient = { delayMs: 5, waitMs: 60_000, stopMs: 60_000 };
  const streams = {
    jaeger: streaming('jaeger', collectors.jaeger, patient),
    otlp: streaming('otlp', collectors.otlp, patient),
    hanging: streaming('otlp', collectors.hanging, { ...patient, stopMs: 50 }),
    gone: streaming('jaeger', collectors.gone, patient),
    failing: streaming('otlp', collectors.failing, patient),
  };
  const asks: HistoryEvent[] = [];
  let spans = 0;
  const watched = await fold(inputs, {
    wallMs: () => 0,
    spanProcessors: Object.values(streams).map(({ stream }) => stream),
    observers: [
      {
        see: (event) => {
          if (event.kind === 'ended' && event.request?.kind === 'ask') asks.push(event);
          if (event.kind === 'emitted' && event.record.kind === 'span') spans += 1;
        },
      },
    ],
  });
  await Promise.all(Object.values(streams).map(({ stream }) => stream.stop()));
  await Promise.all(Object.values(collectors).map(({ close }) => close()));
  const unwatched = await fold(inputs, { wallMs: () => 0 });
  expect(watched.digest).toBe(unwatched.digest);
  expect(asks).toHaveLength(40);

  // Every span, once, alike in both formats.
  for (const { stream, said } of [streams.jaeger, streams.otlp]) {
    expect(stream.counts()).toEqual({
      ended: spans,
      sent: spans,
      dropped: 0,
      refused: 0,
      unsent: 0,
    });
    expect(said).toEqual([]);
  }
  const received = otlpSpans(collectors.otlp);
  expect(received.map((span) => keyOf(span, span.parentSpanId)).sort()).toEqual(
    jaegerSpans(collectors.jaeger)
      .map((span) => keyOf(span, span.parentId))
      .sort(),
  );
  expect(received).toHaveLength(spans);
  expect(new Set(collectors.jaeger.deliveries.map(({ contentType }) => contentType))).toEqual(
    new Set(['application/x-thrift']),
  );

  // One whole trace a request, named from hop to hop.
  const book = new TraceBook({
    mustName: ({ name, attributes }) =>
      name === 'front-door POST' && Number(attributes['http.response.status_code']) < 400,
  });
  book.see(received, 0);
  const { verdicts, counts } = book.conclude();
  expect(verdicts.flatMap(({ findings }) => findings)).toEqual([]);
  expect(verdicts.map(({ evidence }) => evidence)).toEqual([spans, expect.any(Number)]);
  expect(verdicts[1]?.controls).toBeGreaterThan(200);
  expect(Object.fromEntries(counts.beginnings)['front-door POST']).toBe(asks.length);
  expect(counts).toMatchObject({ contradictory: 0, late: 0, repeated: 0 });
  expect(Object.values(counts.unfinished)).toEqual([0, 0, 0, 0]);

  // The bad ones: nothing arrived, everything is counted, and it was said once.
  for (const name of ['hanging', 'gone', 'failing'] as const) {
    const { stream, said } = streams[name];
    expect([name, stream.counts().sent, lostOf(stream)]).toEqual([name, 0, spans]);
    // What hangs has not yet been given up when the run is over.
    expect(said).toHaveLength(name === 'hanging' ? 0 : 1);
    expect(stream.sentence()).toMatch(/^0 of [\d,]+ spans were taken by http:.*; lost were /);
  }
  expect(streams.gone.said[0]).toMatch(
    /ECONNREFUSED.*requests go on, and what is lost is counted$/,
  );
  expect(streams.failing.said[0]).toMatch(/\(Internal Server Error\)/);
});

test.each(KINDS)(
  'a %s collector that hangs is said once, and given up batch by batch',
  async (kind) => {
    const collector = await hanging();
    const { stream, said } = streaming(kind, collector, { waitMs: 40, queueMax: 10_000 });
    ending(stream, 1_100);
    await stream.forceFlush();
    expect(stream.counts()).toEqual({
      ended: 1_100,
      sent: 0,
      dropped: 0,
      refused: 1_100,
      unsent: 0,
    });
    expect(said).toEqual([expect.stringMatching(/does not take all spans \(.+\); requests go on/)]);
    await stream.stop();
    await collector.close();
  },
);

test.each(KINDS)('a %s collector that hangs does not keep a stop beyond its time', async (kind) => {
  const collector = await hanging();
  const { stream } = streaming(kind, collector, { waitMs: 3_600_000, stopMs: 20 });
  ending(stream, 5_000);
  // It would wait for an hour if it waited for the collector.
  await stream.stop();
  expect(stream.counts()).toEqual({ ended: 5_000, sent: 0, dropped: 0, refused: 0, unsent: 5_000 });
  expect(stream.sentence()).toMatch(/^0 of 5,000 .*; lost were 5,000 as the time was over\.$/);
  // What ends after the end is lost, too, and counted.
  ending(stream, 2);
  expect(lostOf(stream)).toBe(5_002);
  await collector.close();
});

test.each(KINDS)(
  'a full queue loses what comes, to the span, and says so once (%s)',
  async (kind) => {
    const collector = await taking();
    const { stream, said } = streaming(kind, collector, { queueMax: 150, waitMs: 60_000 });
    // Nothing leaves while this goes on, but the first batch.
    ending(stream, 1_000);
    await stream.stop();
    const { sent, dropped } = stream.counts();
    expect(lostOf(stream)).toBe(dropped);
    expect(dropped).toBeGreaterThan(0);
    const arrived = kind === 'jaeger' ? jaegerSpans(collector) : otlpSpans(collector);
    expect(arrived).toHaveLength(sent);
    // The first that came, in order, and none twice.
    expect(arrived.map(({ name }) => name)).toEqual(
      Array.from({ length: sent }, (_, number) => `span ${number}`),
    );
    expect(said).toEqual([expect.stringMatching(/\(150 spans wait for it already\)/)]);
    expect(stream.sentence()).toMatch(/as too many were waiting\.$/);
    await collector.close();
  },
);

test.each(KINDS)('a %s collector that comes back gets what ends from then on', async (kind) => {
  let isDown = true;
  const collector = await collecting((_delivery, response) =>
    response.writeHead(isDown ? 500 : 200).end('{}'),
  );
  const { stream, said } = streaming(kind, collector, { waitMs: 60_000 });
  ending(stream, 30);
  await stream.forceFlush();
  expect(stream.counts()).toMatchObject({ sent: 0, refused: 30 });
  isDown = false;
  ending(stream, 20);
  await stream.stop();
  expect(stream.counts()).toMatchObject({ ended: 50, sent: 20, refused: 30 });
  expect(said).toHaveLength(1);
  expect(stream.sentence()).toMatch(/^20 of 50 spans .*; lost were 30 as it did not take them\.$/);
  await collector.close();
});

test('what is no collector is told before anything begins, and a password is never shown', async () => {
  const say = (): void => {};
  for (const text of ['otlp', 'otlp=', 'otlp=nowhere', 'zipkin=http://a', 'otlp=file:///a'])
    expect(() => traceStream(text, { say })).toThrow(UsageError);
  const { url, close } = await gone();
  await close().catch(() => {});
  const named = url.replace('http://', 'http://me:hidden@');
  const said: string[] = [];
  const stream = traceStream(`otlp=${named}/v1/traces`, {
    say: (sentence) => said.push(sentence),
    waitMs: 100,
  });
  ending(stream, 1);
  await stream.stop();
  expect([...said, stream.sentence()].join()).not.toMatch(/hidden/);
});

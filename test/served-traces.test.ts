// Is each request on a live platform one whole trace, whoever takes its spans in, and is a wrong one found?

import { gzipSync } from 'node:zlib';
import type { Context } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { TraceBook, type TraceJudgement } from '../sim/checks.ts';
import type { PlatformOption } from '../sim/cli/platform-module.ts';
import { OwnTraces, SETTINGS, traceDoor } from '../sim/cli/serve/traces.ts';
import { traceStream } from '../sim/cli/trace-stream.ts';
import type { Verdict } from '../sim/domain/finding.ts';
import type { ReceivedSpan } from '../sim/domain/received-span.ts';
import { faultOf } from '../sim/faults.ts';
import { receivedSpan } from '../sim/protocol/ended-span.ts';
import { TRACES_BYTES_MAX, TRACES_PATH } from '../sim/server.ts';
import { collecting } from './collectors.ts';
import { invocation, type Opened, openServer, signIn } from './open-server.ts';

const CLOCK = { nowUs: () => 0 };

const ASKS: readonly (readonly [user: string, prompt: string])[] = [
  ['dr.smith', 'use patient_context {"clinic_id":"clinic-a","patient_id":"P1001"}'],
  ['dr.foster', 'use patient_context {"clinic_id":"hospital-a","patient_id":"P1001"}'],
  ['dr.chen', 'good morning'],
];

/** All ask, and all at one time; the statuses of the answers. */
const askAll = async (opened: Opened, rounds = 1): Promise<readonly number[]> => {
  const asks = await Promise.all(
    ASKS.map(async ([user, prompt]) =>
      invocation(opened, user, await signIn(opened, user), `please ${prompt}`),
    ),
  );
  const statuses: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    statuses.push(
      ...(await Promise.all(asks.map(({ url, init }) => fetch(url, init).then((r) => r.status)))),
    );
  return statuses;
};

/** A book, and all that it saw. */
class Reading {
  readonly book = new TraceBook(SETTINGS);
  readonly spans: ReceivedSpan[] = [];
  see = (spans: readonly ReceivedSpan[], nowUs: number): void => {
    this.spans.push(...spans);
    this.book.see(spans, nowUs);
  };
}

const titlesIn = ({ verdicts }: { readonly verdicts: readonly Verdict[] }): readonly string[] =>
  verdicts.flatMap(({ promise, findings }) =>
    findings.map(({ violation }) => `${promise} ${violation.boundary}: ${violation.title}`),
  );

const begunAtDoor = ({ counts }: TraceJudgement): number =>
  counts.beginnings.find(([place]) => place === 'front-door POST')?.[1] ?? 0;

/** Who took part in each request's trace, and whom its spans name. */
const requestsIn = (spans: readonly ReceivedSpan[]) =>
  spans
    .filter(({ name, parentSpanId }) => name === 'front-door POST' && parentSpanId === undefined)
    .map(({ traceId }) => {
      const own = spans.filter((span) => span.traceId === traceId);
      return {
        services: [...new Set(own.map(({ name }) => name.split(' ')[0]))].sort().join(' '),
        tenants: [...new Set(own.map(({ attributes }) => attributes['tenant.id']))],
        named: new Set(
          own.map(
            ({ attributes: a }) => `${a['tenant.id']} ${a['tenant.tier']} ${a['tenant.scope']}`,
          ),
        ).size,
      };
    })
    .sort((one, other) => (String(one.tenants) < String(other.tenants) ? -1 : 1));

const ALL = 'credentials front-door gateway memory runtime sts table tools';
const BY_TENANT = [
  { services: ALL, tenants: ['clinic-a'], named: 1 },
  {
    services: 'credentials front-door gateway memory runtime sts',
    tenants: ['clinic-b'],
    named: 1,
  },
  { services: ALL, tenants: ['hospital-a'], named: 1 },
];

test('each request is one trace with every hop and its tenant, by whichever way it is exported', async () => {
  const readings = { json: new Reading(), protobuf: new Reading(), stream: new Reading() };
  const doors = Object.fromEntries(
    Object.entries(readings).map(([name, reading]) => [name, traceDoor(reading, CLOCK)]),
  );
  const collector = await openServer({
    traces: (headers, body) => {
      const by = headers.find(([name]) => name === 'x-by')?.[1] ?? 'stream';
      const door = doors[by];
      if (door === undefined) throw new Error(`no door ${by}`);
      return door(headers, body);
    },
  });
  const url = `${collector.server.insideUrl}${TRACES_PATH}`;
  const stream = traceStream(`otlp=${url}`, { say: (said) => expect.fail(said), delayMs: 5 });
  const sdk = [
    new JsonExporter({ url, headers: { 'x-by': 'json' } }),
    new ProtobufExporter({ url, headers: { 'x-by': 'protobuf' }, compression: 'gzip' as never }),
  ].map((exporter) => new BatchSpanProcessor(exporter));
  const converted: ReceivedSpan[] = [];
  const kept = processor((span) => converted.push(receivedSpan(span)));
  const opened = await openServer({ spanProcessors: [stream, ...sdk, kept] });
  expect(await askAll(opened)).toEqual([200, 200, 200]);
  await opened.conclude();
  await Promise.all([stream.stop(), ...sdk.map((each) => each.shutdown())]);
  expect(stream.counts()).toMatchObject({ sent: converted.length, dropped: 0, refused: 0 });
  for (const { spans, book } of Object.values(readings)) {
    // To the span: what goes over the wire is what is judged without one.
    expect(spans).toEqual(converted);
    expect(requestsIn(spans)).toEqual(BY_TENANT);
    const judgement = book.conclude();
    expect(titlesIn(judgement)).toEqual([]);
    expect(begunAtDoor(judgement)).toBe(3);
    const { complete, contradictory, unfinished } = judgement.counts;
    expect([complete > 3, contradictory, ...Object.values(unfinished)]).toEqual([
      true,
      0,
      0,
      0,
      0,
      0,
    ]);
  }
});

const processor = (onEnd: (span: ReadableSpan) => void): SpanProcessor => ({
  onStart: (_span: Span, _context: Context) => {},
  onEnd,
  forceFlush: async () => {},
  shutdown: async () => {},
});

test('what is no export is refused with its reason, and costs nobody anything', async () => {
  const reading = new Reading();
  const { server } = await openServer({ traces: traceDoor(reading, CLOCK) });
  const post = async (body: Uint8Array | string, headers: Record<string, string>) => {
    const reply = await fetch(`${server.insideUrl}${TRACES_PATH}`, {
      method: 'POST',
      headers,
      body,
    });
    return [reply.status, await reply.text()];
  };
  const json = { 'content-type': 'application/json' };
  expect(await post('{"resourceSpans":', json)).toMatchObject([400, expect.stringMatching(/JSON/)]);
  expect(await post('{}', { 'content-type': 'text/plain' })).toMatchObject([
    415,
    expect.stringMatching(/application\/json or application\/x-protobuf/),
  ]);
  const gzip = { ...json, 'content-encoding': 'gzip' };
  expect(await post('no gzip', gzip)).toMatchObject([400, expect.stringMatching(/gzip/)]);
  expect(await post('{}', { ...json, 'content-encoding': 'br' })).toMatchObject([
    415,
    expect.stringMatching(/gzip or deflate/),
  ]);
  const large = `{"resourceSpans":[]${' '.repeat(TRACES_BYTES_MAX)}}`;
  expect(await post(gzipSync(large), gzip)).toMatchObject([
    413,
    expect.stringContaining(String(TRACES_BYTES_MAX)),
  ]);
  expect((await post(large, json))[0]).toBe(413);
  expect(server.tally.tooLarge).toBe(2);
  // Beyond what any other door reads, and still taken.
  const padded = `{"resourceSpans":[]${' '.repeat(2_000_000)}}`;
  expect(await post(padded, json)).toEqual([200, '{}']);
  expect(reading.spans).toEqual([]);
  const outside = await fetch(`${server.outsideUrl}${TRACES_PATH}`, { method: 'POST', body: '{}' });
  expect(outside.status).toBe(403);
});

/** The reference, or the reference with a fault, that judges its own spans. */
const watching = async (platform?: PlatformOption) => {
  const own = new OwnTraces(new TraceBook(SETTINGS), CLOCK);
  const opened = await openServer({
    ...(platform === undefined ? {} : { platform }),
    spanProcessors: [own],
    observers: [own],
  });
  return { opened, own };
};

test('a platform that judges its own spans has one whole trace for each call of its front door', async () => {
  const { opened, own } = await watching();
  const statuses = await askAll(opened, 2);
  const stranger = await fetch(`${opened.server.outsideUrl}/runtimes/x/invocations`, {
    method: 'POST',
  });
  expect([...statuses, stranger.status]).toEqual([200, 200, 200, 200, 200, 200, 401]);
  const { measured } = await opened.conclude();
  const { traces, verdicts } = own.conclude();
  expect(titlesIn({ verdicts })).toEqual([]);
  expect(measured.requests.arrived).toBe(7);
  const [judged] = traces;
  expect(judged).toMatchObject({ source: 'own', requests: 7, findings: [] });
  expect(judged?.right).toBe(judged?.named);
  expect(judged?.named).toBeGreaterThan(6 * 6);
  expect(judged?.counts).toMatchObject({
    ...{ repeated: 0, late: 0, contradictory: 0 },
    unfinished: { beginningMissing: 0, parentMissing: 0, tooLarge: 0, crowdedOut: 0 },
  });
  const beginnings = Object.fromEntries(judged?.counts.beginnings ?? []);
  expect(beginnings['front-door POST']).toBe(7);
  // Who signs in, who fetches the key set, and the stranger are nobody yet.
  const { 'identity POST': signedIn = 0, 'identity GET': fetched = 0, ...rest } = beginnings;
  expect([signedIn, Object.keys(rest)]).toEqual([3, ['front-door POST']]);
  expect(fetched).toBeGreaterThan(0);
  expect(judged?.counts.nameless).toBe(signedIn + fetched + 1);
  expect(judged?.counts.complete).toBe(7 + signedIn + fetched);
});

test.each([
  ['runtime-baggage-of-previous', 'I5 memory: a trace names two tenants'],
  ['runtime-current-caller', 'I5 runtime: a trace names two tenants'],
])('spans of a platform that mixes tenants up are found to (%s)', async (id, finding) => {
  const { opened, own } = await watching(faultOf(id).make);
  await askAll(opened, 2);
  await opened.conclude();
  const { verdicts, traces } = own.conclude();
  expect(titlesIn({ verdicts })).toContain(finding);
  expect(traces[0]?.right).toBeLessThan(traces[0]?.named ?? 0);
});

test('a collector that is gone, and one that hangs, cost spans and disturb no request', async () => {
  const gone = await collecting(() => {});
  await gone.close();
  const hanging = await collecting(() => {});
  const said: string[] = [];
  const settings = { say: (text: string) => said.push(text), delayMs: 5, waitMs: 100, stopMs: 200 };
  const streams = [`otlp=${gone.url}${TRACES_PATH}`, `otlp=${hanging.url}${TRACES_PATH}`].map(
    (target) => traceStream(target, settings),
  );
  const opened = await openServer({ spanProcessors: streams });
  expect(await askAll(opened, 2)).toEqual([200, 200, 200, 200, 200, 200]);
  const folded = await opened.conclude();
  expect(titlesIn(folded)).toEqual([]);
  await Promise.all(streams.map((stream) => stream.stop()));
  await hanging.close();
  for (const stream of streams) {
    const { ended, sent } = stream.counts();
    expect([ended > 40, sent]).toEqual([true, 0]);
    expect(stream.sentence()).toMatch(/^0 of \d+ spans were taken by .*; lost were /);
  }
  // Once each, in words, however many spans were lost.
  expect(said.map((text) => / at (\S+) does not take all spans /.exec(text)?.[1]).sort()).toEqual(
    [gone, hanging].map(({ url }) => `${url}${TRACES_PATH}`).sort(),
  );
});

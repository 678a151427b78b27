// What do `serve` and `load` tell of traces: those that were sent to them, those of the platform, and where clients send theirs?

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { environmentOf } from '../sim/cli/serve/environment.ts';
import { type ServeFlags, serveCommand } from '../sim/cli/serve.ts';
import type { LoadReport } from '../sim/domain/load-report.ts';
import { readReport } from '../sim/report.ts';
import { TRACES_PATH } from '../sim/server.ts';
import { collecting } from './collectors.ts';
import { poolproof, put, smallScenario } from './command-line.ts';
import { shortAnswers } from './load/scenario.ts';
import { openServer } from './open-server.ts';
import { placeOf } from './room.ts';

/** Against what never comes, not what is late. */
const PATIENT = { timeout: 60_000 };

/** Serves as the command does until `meanwhile` is over. */
const served = async (
  flags: Partial<ServeFlags>,
  meanwhile: (inside: string, outside: string) => Promise<void>,
) => {
  const said = { out: '', err: '' };
  let isOver = false;
  const speak = (text: string): void => {
    said.out += text;
  };
  const ended = serveCommand(
    put('served.yaml', smallScenario()),
    {
      ...{ platform: 'reference', host: '127.0.0.1', port: '0', insidePort: '0' },
      ...{ out: placeOf('report'), ...flags },
    },
    {
      out: speak,
      err: (text) => {
        said.err += text;
      },
      ...{ columns: 100, colour: false, lively: false, version: '0', stopped: () => isOver },
    },
  );
  const urlOf = (door: string) => new RegExp(`^${door} +(http://\\S+)`, 'm').exec(said.out)?.[1];
  await expect.poll(() => urlOf('inside'), PATIENT).toBeDefined();
  await meanwhile(urlOf('inside') ?? '', urlOf('outside') ?? '').finally(() => {
    isOver = true;
  });
  const code = await ended;
  const report = readReport(readFileSync(placeOf('report/report.json'), 'utf8'), 'report.json');
  return { ...said, code, report, markdown: readFileSync(placeOf('report/report.md'), 'utf8') };
};

test('serve reports what clients sent, and a trace of two tenants is a finding of its own', async () => {
  const taking = await collecting((_delivery, response) => response.writeHead(200).end('{}'));
  const { out, code, report, markdown } = await served(
    { exportTraces: `otlp=${taking.url}${TRACES_PATH}`, checkTraces: true },
    async (inside, outside) => {
      const exporter = new ProtobufExporter({ url: `${inside}${TRACES_PATH}` });
      const provider = new BasicTracerProvider({
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      });
      const tracer = provider.getTracer('an agent');
      const root = tracer.startSpan('ask', { attributes: { 'tenant.id': 'clinic-a' } });
      const below = { traceId: root.spanContext().traceId, spanId: root.spanContext().spanId };
      root.end();
      await provider.forceFlush();
      await fetch(`${inside}${TRACES_PATH}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(otherTenantBelow(below)),
      });
      await provider.shutdown();
      expect((await fetch(outside, { method: 'POST' })).status).toBe(400);
    },
  );
  await taking.close();
  expect([code, report.findings.map(({ title }) => title)]).toEqual([
    1,
    ['a trace names two tenants'],
  ]);
  const [received, own] = report.traces;
  expect(received).toMatchObject({ source: 'received', requests: null, named: 2, right: 1 });
  expect(received?.counts).toMatchObject({ spans: 2, complete: 1 });
  expect(received?.findings).toEqual(report.findings.map(({ id }) => id));
  expect(own).toMatchObject({ source: 'own', requests: 0, findings: [], counts: { spans: 1 } });
  for (const line of [
    'traces received  2 spans of 1 trace: 1 complete.',
    'traces own       0 calls of the front door, and 0 traces that began there.',
    'traces exported  1 of 1 span were taken by',
  ])
    expect(out).toContain(line);
  expect(markdown).toContain('## Traces');
  expect(taking.deliveries.map(({ path }) => path)).toEqual([TRACES_PATH]);
});

const otherTenantBelow = (parent: { readonly traceId: string; readonly spanId: string }) => ({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              ...{ traceId: parent.traceId, spanId: 'cd'.repeat(8), parentSpanId: parent.spanId },
              ...{ name: 'tool', startTimeUnixNano: '2', endTimeUnixNano: '3' },
              attributes: [{ key: 'tenant.id', value: { stringValue: 'hospital-a' } }],
            },
          ],
        },
      ],
    },
  ],
});

test('a collector that is not understood is a mistake, told before anything is opened', async () => {
  const told = await poolproof(['serve', '--export-traces', 'zipkin=http://127.0.0.1:9411']);
  expect([told.code, told.stdout]).toEqual([2, '']);
  expect(told.stderr).toMatch(/^--export-traces: not a collector: `zipkin=/);
});

test('a load puts the calls of the front door beside the traces that began there', async () => {
  const out = placeOf('loaded');
  const file = put('loaded.yaml', shortAnswers());
  const { code } = await poolproof(['load', file, '--duration', '1s', '--out', out, '--quiet']);
  // A busy machine may be too slow for the generator's plan, but nothing is found.
  expect(code).not.toBe(1);
  const report = JSON.parse(readFileSync(join(out, 'load.json'), 'utf8')) as LoadReport;
  const own = report.server?.traces.find(({ source }) => source === 'own');
  expect(own?.findings).toEqual([]);
  expect(own?.right).toBe(own?.named);
  const [row] = report.agreement.filter(({ what }) => what === 'traces of calls');
  expect(row).toMatchObject({ one: { by: 'front door' }, other: { by: 'spans' }, isEqual: true });
  expect(row?.one.count).toBeGreaterThan(0);
  const begun = (own?.counts.beginnings ?? []).reduce((sum, [, count]) => sum + count, 0);
  expect(own?.counts.complete).toBe(begun);
  const [whole] = report.agreement.filter(({ what }) => what === 'traces');
  expect(whole).toMatchObject({ one: { count: begun }, other: { count: begun }, isEqual: true });
});

test('the variables for clients name the door of traces as OpenTelemetry SDKs read them', async () => {
  const { server } = await openServer();
  const variables = Object.fromEntries(await environmentOf(server));
  expect(variables['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe(server.insideUrl);
  expect(variables['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']).toBe(`${server.insideUrl}/v1/traces`);
});

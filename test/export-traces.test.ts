// Do all spans of a run arrive at a collector, as its own wire format says, and named by tenant?

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInputs } from '../sim/cli/inputs.ts';
import type { Report } from '../sim/domain/report.ts';
import { fold } from '../sim/engines/run.ts';
import {
  type CollectedSpan,
  collecting,
  type Delivery,
  fromJaeger,
  fromOtlp,
} from './collectors.ts';
import { filesUnder, poolproof, put, smallScenario, type Told } from './command-line.ts';
import { placeOf } from './room.ts';

// Long enough that spans are handed over while the run goes on.
const small = put('small.yaml', smallScenario({ duration: '40m' }));

interface Collected {
  readonly told: Told;
  readonly deliveries: readonly Delivery[];
}

/** Runs with a collector that answers `status` to everything. */
const collected = async (
  kind: 'jaeger' | 'otlp',
  settings: { readonly status: number; readonly out: string; readonly scenario?: string },
): Promise<Collected> => {
  const { deliveries, url, close } = await collecting((_delivery, response) =>
    response.writeHead(settings.status, { 'content-type': 'application/json' }).end('{}'),
  );
  const path = kind === 'jaeger' ? '/api/traces' : '/v1/traces';
  const target = `${kind}=${url}${path}`;
  const given = ['--history', '--quiet', '--out', settings.out, '--export-traces', target];
  const told = await poolproof(['run', small, ...given]);
  await close();
  return { told, deliveries };
};

// ---- What the history says of the same run.

interface Line {
  readonly kind: string;
  /** Number of the request, which is told where it arrives. */
  readonly request: number | Arrived | null;
  readonly record?: {
    readonly kind: string;
    readonly name: string;
    readonly traceId: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  };
}

interface Arrived {
  readonly number: number;
  readonly kind: string;
  readonly principal: { readonly membership: string; readonly tier: string; readonly role: string };
}

const historyIn = (out: string): readonly Line[] =>
  readFileSync(join(out, 'history.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const tenantOf = (attributes: CollectedSpan['attributes']): string =>
  ['tenant.id', 'tenant.tier', 'tenant.scope'].map((key) => String(attributes[key])).join(' ');

const said = ({
  traceId,
  name,
  attributes,
}: Omit<CollectedSpan, 'spanId' | 'parentId' | 'startUs'>): string =>
  `${traceId} ${name} ${tenantOf(attributes)} ${attributes['http.response.status_code']}`;

/** Key fetches come before anybody is known, and are traces of their own. */
const isKeyFetch = ({ name }: { readonly name: string }): boolean => name === 'identity GET';

const FORMATS = [
  ['jaeger', 'application/x-thrift', '/api/traces', fromJaeger],
  ['otlp', 'application/json', '/v1/traces', fromOtlp],
] as const;

test.each(FORMATS)(
  'by %s every span arrives once, in one trace a request that names its tenant',
  async (...format) => {
    const [kind, contentType, path, decode] = format;
    const out = placeOf(kind);
    const { told, deliveries } = await collected(kind, { status: 202, out });
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(new Set(deliveries.map((one) => `${one.path} ${one.contentType}`))).toEqual(
      new Set([`${path} ${contentType}`]),
    );
    const spans = deliveries.flatMap(decode);
    const history = historyIn(out);

    // Who watches changes nothing.
    const { inputs } = await readInputs(small, { platform: 'reference' });
    const unwatched = await fold(inputs, { wallMs: () => 0 });
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
    expect(report.digest).toBe(unwatched.digest);

    // Every span of the history and no other, each with an id of its own.
    const emitted = history.flatMap(({ record }) => (record?.kind === 'span' ? [record] : []));
    expect(emitted.length).toBeGreaterThan(400);
    expect(spans.map(said).sort()).toEqual(emitted.map(said).sort());
    expect(new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`)).size).toBe(
      spans.length,
    );

    // Simulated time, not the collector's.
    const START_US = Date.UTC(2026, 2, 2, 15) * 1000;
    for (const { startUs } of spans) {
      expect(startUs - START_US).toBeGreaterThanOrEqual(0);
      expect(startUs - START_US).toBeLessThan(3_600_000_000);
    }

    for (const { number, principal } of asksOf(history)) {
      const own = history.flatMap(({ request, record }) =>
        request === number && record?.kind === 'span' && !isKeyFetch(record)
          ? [record.traceId]
          : [],
      );
      expect([number, new Set(own).size]).toEqual([number, 1]);
      const trace = spans.filter(({ traceId }) => traceId === own[0]);
      // Each of its spans names the tenant, tier and role of the one who asked.
      const [tenant] = principal.membership.split(':');
      const named = new Set(trace.map(({ attributes }) => tenantOf(attributes)));
      expect([...named]).toEqual([`${tenant} ${principal.tier} ${principal.role}`]);
      // One root, the front door, and every other span below one of the same trace.
      const ids = new Set(trace.map(({ spanId }) => spanId));
      const roots = trace.filter(({ parentId }) => parentId === undefined);
      expect(roots.map(({ name }) => name)).toEqual(['front-door POST']);
      expect(trace.filter(({ parentId }) => parentId !== undefined && !ids.has(parentId))).toEqual(
        [],
      );
    }
  },
);

const asksOf = (history: readonly Line[]): readonly Arrived[] => {
  const asks = history.flatMap(({ kind, request }) =>
    kind === 'arrived' && typeof request === 'object' && request?.kind === 'ask' ? [request] : [],
  );
  expect(asks).toHaveLength(80);
  return asks;
};

test.each(['jaeger', 'otlp'] as const)(
  'a %s collector that takes nothing is told as such: exit 2, and nothing is written',
  async (kind) => {
    const out = placeOf(`refused-${kind}`);
    const { told, deliveries } = await collected(kind, { status: 400, out });
    expect(deliveries.length).toBeGreaterThan(0);
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(/^--export-traces: the collector did not take the spans: .+\n$/);
    expect(filesUnder(out)).toEqual([]);
  },
);

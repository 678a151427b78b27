// Whose are the traces that a target sends: received by OTLP over HTTP, joined to the asks that began them.

import Fastify, { type FastifyInstance } from 'fastify';
import { TraceBook, type TraceJudgement } from '../checks.ts';
import { findingId } from '../domain/finding.ts';
import type { ReceivedSpan } from '../domain/received-span.ts';
import type { ReportedFinding } from '../domain/report.ts';
import type { TargetTraces } from '../domain/target-report.ts';
import { UsageError } from '../domain/usage-error.ts';
import type { Clock } from '../kernel/clock.ts';
import { otlpRefusal, receiveTraces } from '../protocol/otlp.ts';
import type { TracesForm } from './target.ts';

/** The largest batch that is taken, in bytes: 16 MiB, assumed. */
const BATCH_BYTES_MAX = 16_777_216;
/** Spans are waited for so long after the last answer: above the 5 s of OpenTelemetry's batches. */
const PATIENCE_US = 6_000_000;
const LOOK_US = 50_000;
/** All traces are there and nothing has come for so long: nothing more is waited for. Assumed. */
const QUIET_US = 300_000;

interface Begun {
  readonly spanId: string;
  readonly tenant: string;
  answered: boolean;
  received: boolean;
}

/** What receiving came to. */
export interface TracesFound {
  readonly traces: TargetTraces;
  /** Asks that were answered with success, of whose traces no span came. */
  readonly missing: number;
  readonly judgement: TraceJudgement;
  readonly findings: readonly ReportedFinding[];
}

/** Listens on loopback only. */
export class TraceReceiver {
  readonly url: string;
  readonly #app: FastifyInstance;
  readonly #clock: Clock;
  readonly #form: TracesForm;
  readonly #book: TraceBook;
  readonly #begun: Map<string, Begun>;
  /** By what was named instead of the asker, with an example and how often. */
  readonly #misnamed = new Map<string, { readonly shown: string; count: number }>();
  #lastUs = 0;
  #refused = 0;

  private constructor(
    form: TracesForm,
    parts: { readonly app: FastifyInstance; readonly clock: Clock },
    ownerName: (owner: number) => string,
  ) {
    this.#form = form;
    this.#app = parts.app;
    this.#clock = parts.clock;
    this.url = `http://127.0.0.1:${form.port}/v1/traces`;
    const begun = new Map<string, Begun>();
    this.#begun = begun;
    this.#book = new TraceBook({
      keys: [form.tenant],
      ownerName,
      isSent: (traceId, parent) => begun.get(traceId)?.spanId === parent,
      // A span may well come before the answer that it is of.
      isOwed: (traceId) => begun.get(traceId)?.answered === true,
    });
  }

  /** Throws a UsageError where the port cannot be listened on. */
  static async open(
    form: TracesForm,
    clock: Clock,
    ownerName: (owner: number) => string,
  ): Promise<TraceReceiver> {
    const app = Fastify({ bodyLimit: BATCH_BYTES_MAX, forceCloseConnections: true });
    const receiver = new TraceReceiver(form, { app, clock }, ownerName);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    app.post('/v1/traces', async (request, reply) => {
      const { 'content-type': type, 'content-encoding': encoding } = request.headers;
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const answer = receiver.#take(type, encoding, body);
      return reply.code(answer.status).type(answer.contentType).send(Buffer.from(answer.body));
    });
    await app.listen({ host: '127.0.0.1', port: form.port }).catch((problem: Error) => {
      throw new UsageError([
        {
          file: `traces.port ${form.port}`,
          message: `cannot be listened on: ${problem.message}`,
          hint: 'name a free port in the target file, where the target sends its traces',
        },
      ]);
    });
    return receiver;
  }

  /** A request of that tenant's leaves with this trace and span as its parent. */
  begun(traceId: string, spanId: string, tenant: string): void {
    this.#begun.set(traceId, { spanId, tenant, answered: false, received: false });
  }

  /** It was answered with success: its trace must name the asker. */
  answered(traceId: string): void {
    const begun = this.#begun.get(traceId);
    if (begun !== undefined) begun.answered = true;
  }

  /** Waits for what is on its way, unless `stopped`, and concludes. */
  async close(stopped: () => boolean): Promise<TracesFound> {
    const dueUs = this.#clock.nowUs() + PATIENCE_US;
    while (!stopped() && this.#clock.nowUs() < dueUs && !this.#isQuiet())
      await this.#clock.sleep(LOOK_US);
    await this.#app.close();
    const judgement = this.#book.conclude();
    const begun = [...this.#begun.values()];
    const received = begun.filter((each) => each.received).length;
    const missing = begun.filter((each) => each.answered && !each.received).length;
    const traces = {
      ...{ url: this.url, begun: this.#begun.size, received, counts: judgement.counts },
      batchesRefused: this.#refused,
    };
    return { traces, missing, judgement, findings: this.#findings() };
  }

  #take(type: string | undefined, encoding: string | undefined, body: Uint8Array) {
    if (encoding !== undefined && encoding !== 'identity') {
      this.#refused += 1;
      return otlpRefusal(type, 'compressed batches are not read here: export without compression');
    }
    const { reply, spans } = receiveTraces(type, body);
    if (reply.status !== 200) this.#refused += 1;
    this.#lastUs = this.#clock.nowUs();
    for (const span of spans) this.#look(span);
    this.#book.see(spans, this.#lastUs);
    return reply;
  }

  #look(span: ReceivedSpan): void {
    const begun = this.#begun.get(span.traceId);
    if (begun === undefined) return;
    begun.received = true;
    const named = span.attributes[this.#form.tenant];
    if (named === undefined || named === begun.tenant) return;
    const known = this.#misnamed.get(span.service);
    if (known !== undefined) known.count += 1;
    else
      this.#misnamed.set(span.service, {
        shown: `${span.service} wrote \`${this.#form.tenant}\` ${String(named).slice(0, 60)} into its span ${span.name.slice(0, 60)}, in a request of ${begun.tenant}`,
        count: 1,
      });
  }

  #isQuiet(): boolean {
    if (this.#clock.nowUs() - this.#lastUs < QUIET_US) return false;
    return [...this.#begun.values()].every((each) => each.received || !each.answered);
  }

  #findings(): readonly ReportedFinding[] {
    return [...this.#misnamed].map(([service, { shown, count }]) => ({
      id: findingId({
        ...{ promise: 'I5', boundary: 'target', operation: 'trace', relation: 'other tenant' },
        ...{ sink: 'span', service },
      }),
      ...{ promise: 'I5', title: `a span of ${service} names another tenant than asked`, count },
      let: [`E1 = ${shown}`],
      then: [
        'The harness sent that request, with that tenant’s own token.',
        'However, E1 attributes it to another: a contradiction.',
      ],
      ...{ neighbourhood: [], replay: '', waived: null, note: null },
    }));
  }
}

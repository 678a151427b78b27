// I8: when something that authorization depends on fails, does the request fail with it?

import { nameOf } from '../domain/finding.ts';
import type { Decided, Exchange, HistoryEvent, RequestFacts } from '../domain/history.ts';
import type { BearerFacts } from '../domain/ledger.ts';
import { type Check, type Known, letLine, Tally } from './check.ts';

/** What a request's right to data rests on, and what opens data. */
const GUARDS = new Set(['credentials', 'sts']);

/**
 * A request whose vending of credentials or whose policy question failed may not touch data on the
 * strength of it afterwards, before it is answered anew, nor may credentials be vended that STS did not give. Evidence is every
 * request that met a failing guard.
 */
export class FailingClosed implements Check {
  readonly #tally: Tally;
  /** The guard that failed last in a request, with the workload that it left without an answer. */
  readonly #failed = new WeakMap<
    RequestFacts,
    { readonly guard: string; readonly workload: string; readonly index: number }
  >();
  /** When each workload last got credentials for a token, by index: other requests of it may use them. */
  readonly #vended = new WeakMap<BearerFacts, Map<string, number>>();
  #faulted = 0;

  constructor(known: Known) {
    this.#tally = new Tally('I8', known.recent);
  }

  see(event: HistoryEvent): void {
    switch (event.kind) {
      case 'exchange':
        return this.#exchange(event);
      case 'decided':
        return this.#decided(event);
      case 'stored':
        if (event.request === undefined || event.request.kind === 'operate') return;
        return this.#opened(event, event.request, event.service === 'memory' ? 'runtime' : 'tools');
      default:
    }
  }

  #decided(event: Decided): void {
    const { request, decision } = event;
    if (request === undefined) return;
    if (decision === undefined) this.#fails(event, 'policy', 'gateway');
    else if (this.#failed.get(request)?.guard === 'policy') this.#failed.delete(request);
  }

  conclude() {
    const verdict = this.#tally.conclude();
    return { ...verdict, controls: this.#faulted };
  }

  #exchange(event: Exchange): void {
    const { request } = event;
    if (event.faulted) this.#faulted += 1;
    if (request === undefined) return;
    if (event.to === 'sts') {
      if (event.reply.status >= 500) this.#fails(event, 'sts', 'credentials');
      else if (this.#failed.get(request)?.guard === 'sts') this.#failed.delete(request);
    }
    if (event.to === 'credentials') {
      if (event.reply.status === 200) this.#opened(event, request, 'credentials');
      if (event.reply.status >= 500) this.#fails(event, 'credentials', event.from);
      else if (event.reply.status === 200 && request.bearer !== undefined)
        this.#note(request.bearer, event);
    }
    if (event.faulted && !GUARDS.has(event.to)) this.#tally.evidence += 1;
    if (
      event.to === 'tools' &&
      event.reply.status < 300 &&
      this.#failed.get(request)?.guard === 'policy'
    ) {
      this.#opened(event, request, 'gateway');
    }
  }

  #note(bearer: BearerFacts, { from, index }: Exchange): void {
    const workloads = this.#vended.get(bearer) ?? new Map<string, number>();
    workloads.set(from, index);
    this.#vended.set(bearer, workloads);
  }

  #fails(event: Exchange | Decided, guard: string, workload: string): void {
    const { request, index } = event;
    if (request === undefined) return;
    this.#tally.evidence += 1;
    this.#failed.set(request, { guard, workload, index });
  }

  #opened(event: HistoryEvent, request: RequestFacts, workload: string): void {
    const failed = this.#failed.get(request);
    if (failed === undefined || failed.workload !== workload) return;
    const vendedAt = request.bearer && this.#vended.get(request.bearer)?.get(workload);
    if (failed.guard === 'credentials' && (vendedAt ?? -1) > failed.index) return;
    this.#tally.report({
      boundary: workload,
      operation: failed.guard,
      relation: 'same user',
      sink: event.kind,
      service: workload,
      event,
      title: `${workload} failed open without ${failed.guard}`,
      let: [letLine('E1', event, `${workload} opened data for ${nameOf(request.principal)}`)],
      then: [
        `In the same request ${failed.guard} had failed and had not answered since.`,
        'Without it nothing may be opened, and E1 was: a contradiction.',
      ],
    });
  }
}

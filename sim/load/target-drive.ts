// How is a user's own gateway driven: carried to, planted in, judged from outside, and left clean.

import { Agent } from 'undici';
import { nameOfLabel, type Verdict, type Violation } from '../domain/finding.ts';
import type { Observer } from '../domain/history.ts';
import type { Reader } from '../domain/label.ts';
import { Ledger } from '../domain/ledger.ts';
import type { OutsideLimit, TargetReport } from '../domain/target-report.ts';
import type { Client, Sender } from '../engines/clients.ts';
import type { Clock } from '../kernel/clock.ts';
import { Excerpts } from './excerpt.ts';
import type { ExchangeTerms } from './exchange.ts';
import type { Carrier, CarrierHooks } from './generator.ts';
import { OutsideLimits } from './outside-limits.ts';
import { Planting } from './planting.ts';
import { RateCap } from './safety.ts';
import { Secrets } from './secrets.ts';
import { StandIns, seatsOf } from './sessions.ts';
import type { LoadedTarget } from './target-file.ts';
import { limitFinding } from './target-findings.ts';
import { TargetTally } from './target-tally.ts';
import { targetWire } from './target-wire.ts';
import { TraceReceiver, type TracesFound } from './trace-receiver.ts';

export interface TargetSurroundings {
  readonly clock: Clock;
  /** How far the clock is ahead of real time. */
  readonly shiftUs: number;
  /** Hosts beyond this machine that may be called. */
  readonly hosts: readonly string[];
  readonly maxRate: number | undefined;
  /** Names what this run plants: no other run's. */
  readonly run: string;
  /** SHA-256 of the target file. */
  readonly hash: string;
  readonly replay: string;
}

/** Everything of one run against one target. */
export class TargetDrive {
  readonly cap: RateCap;
  readonly secrets = new Secrets();
  readonly observer: Observer;
  readonly #loaded: LoadedTarget;
  readonly #around: TargetSurroundings;
  /** Of this run alone: what earlier runs left at the target is none of its canaries. */
  readonly ledger: RunLedger;
  #agent = agent();
  /** Cleaning goes on when asking was cut. */
  readonly #cleaner = agent();
  readonly #standIns = new StandIns(this.secrets);
  readonly #limits: OutsideLimits;
  readonly #tally = new TargetTally();
  readonly #excerpts: Excerpts;
  readonly #stop = { why: undefined as string | undefined };
  #planting: Planting | undefined;
  #receiver: TraceReceiver | undefined;
  #traced: TracesFound | undefined;

  constructor(loaded: LoadedTarget, around: TargetSurroundings) {
    const { target, secrets } = loaded;
    const { clock, shiftUs, maxRate } = around;
    this.#loaded = loaded;
    this.ledger = new RunLedger(Number.parseInt(around.run, 16) % LABELS_FROM_MAX);
    this.#around = around;
    this.cap = new RateCap(clock, maxRate);
    this.#limits = new OutsideLimits((tier) => target.limits[tier], {
      ...{ toleranceUs: target.toleranceUs, shiftUs },
    });
    for (const [name, value] of secrets) this.secrets.note(value, name);
    this.#excerpts = new Excerpts(this.ledger, this.secrets);
    this.observer = this.#excerpts;
  }

  /** False when the cap is reached: the request is then not sent. */
  readonly mayStart = (): boolean => {
    if (this.cap.take()) return true;
    this.#tally.heldBack += 1;
    return false;
  };

  carrier(hooks: CarrierHooks): Carrier {
    const { target, secrets: environment } = this.#loaded;
    return {
      wire: targetWire({
        ...this.#exchangeTerms(() => this.#agent),
        ...{ target, environment, hooks, stop: this.#stop },
        seats: seatsOf(target),
        ...{ secrets: this.secrets, standIns: this.#standIns, cap: this.cap },
        ...{ limits: this.#limits, tally: this.#tally, traces: () => this.#receiver },
      }),
      cutAll: (reason) => {
        this.#stop.why ??= reason;
        const cut = this.#agent;
        // Whoever takes planted canaries away may have to sign in anew.
        this.#agent = agent();
        void cut.destroy();
      },
      close: () => this.#agent.destroy(),
    };
  }

  /** Takes in who was moved in, before anybody asks. */
  attach(clients: readonly Client[]): void {
    if (this.#loaded.target.readers !== 'tenant') return;
    for (const client of clients) {
      const { incarnation } = client.principal.tenant;
      client.label = this.ledger.label({ kind: 'tenant', incarnation });
    }
  }

  /** Listens for the target's traces, where the file names a port. Throws where it cannot. */
  async listen(): Promise<void> {
    const { traces } = this.#loaded.target;
    if (traces === undefined) return;
    this.#receiver = await TraceReceiver.open(traces, this.#around.clock, (owner) =>
      nameOfLabel(this.ledger.labelOf(owner)),
    );
  }

  /** Waits for the last traces, and listens no more. */
  async endListening(stopped: () => boolean): Promise<void> {
    this.#traced = await this.#receiver?.close(stopped);
    this.#receiver = undefined;
  }

  /** On I1 and I5, of the traces that came. */
  get traced(): readonly Verdict[] {
    const verdicts = this.#traced?.judgement.verdicts ?? [];
    return verdicts.map((verdict) => ({
      ...verdict,
      findings: verdict.findings.map((told) => ({
        ...told,
        violation: this.#redacted(told.violation),
      })),
    }));
  }

  /** Plants for every tenant, where the file says how; users have signed in. */
  async plant(
    { clients, sender }: { readonly clients: readonly Client[]; readonly sender: Sender },
    stopped: () => boolean,
  ): Promise<void> {
    const { target, secrets: environment } = this.#loaded;
    if (target.canary === undefined) return;
    const seats = seatsOf(target);
    const firsts = new Map<string, Client>();
    for (const client of clients)
      if (!firsts.has(client.principal.tenant.id)) firsts.set(client.principal.tenant.id, client);
    this.#planting = new Planting(
      {
        ...this.#exchangeTerms(() => this.#cleaner),
        ...{ target, environment, secrets: this.secrets, standIns: this.#standIns, cap: this.cap },
        ...{ ledger: sender.ledger, run: this.#around.run },
      },
      target.canary,
    );
    await this.#planting.plant(
      [...firsts.values()].flatMap((client) => {
        const seat = seats.get(client.principal.membership);
        if (seat === undefined) return [];
        const bearer = async () => (await sender.bearerFor(client))?.text;
        return [{ principal: client.principal, seat, bearer }];
      }),
      stopped,
    );
  }

  /** Takes away what was planted, and the connections down. */
  async clean(): Promise<void> {
    await this.#planting?.clean();
    await this.#cleaner.destroy();
  }

  conclude(): TargetReport {
    const { target } = this.#loaded;
    const judged = this.#limits.conclude();
    const canaries = this.#planting?.counts() ?? { planted: 0, cleaned: 0, left: [], failed: [] };
    const { signIns, statuses, failures, answered, heldBack, inputTokens, outputTokens } =
      this.#tally;
    const doubts = (verdict: OutsideLimit['verdict']): readonly string[] =>
      judged
        .filter(({ limit }) => limit.verdict === verdict)
        .map(({ limit, doubt }) => `I6 of ${limit.tenant}: ${doubt ?? ''}`);
    return {
      ...{ name: target.name, url: target.url, hash: this.#around.hash },
      ...{ signIns, statuses, failures, answered, heldBack, canaries },
      usage: { inputTokens, outputTokens },
      limits: judged.map(({ limit }) => limit),
      traces: this.#traced?.traces ?? null,
      findings: [
        ...judged.flatMap((tenant) => limitFinding(tenant, this.#around)),
        ...(this.#traced?.findings ?? []).map((finding) => ({
          ...this.#redacted(finding),
          replay: this.#around.replay,
        })),
      ],
      ownCanaries: this.#excerpts.own,
      excerpts: this.#excerpts.all,
      inconclusive: [
        ...doubts('inconclusive'),
        ...(answered === 0 ? ['no ask was answered with a text'] : []),
        ...this.#missingControls(),
        ...this.#missingTraces(),
      ],
      notes: [
        ...doubts('not exercised'),
        ...(this.ledger.othersSeen === 0
          ? []
          : [
              'canaries of other runs came back: whose they are is not known, so they were not judged',
            ]),
        ...canaries.left.map(
          ({ tenant, id, why }) => `left at the target, of ${tenant}: \`${id}\` (${why})`,
        ),
        ...canaries.failed.map(({ tenant, why }) => `nothing was planted for ${tenant}: ${why}`),
      ],
    };
  }

  #missingControls(): readonly string[] {
    if (this.#tally.answered === 0 || this.#excerpts.own > 0) return [];
    return [
      'I1: no answer held what its asker had said or planted, so that a leak might not have shown (let `ask` tell the target to quote)',
    ];
  }

  #missingTraces(): readonly string[] {
    if (this.#traced === undefined || this.#tally.answered === 0) return [];
    const { traces, missing } = this.#traced;
    if (traces.received === 0) return [`I5 by traces: none came to ${traces.url}`];
    const letGo = Object.values(traces.counts.unfinished).reduce((sum, count) => sum + count, 0);
    return [
      ...(missing === 0 ? [] : [`I5 by traces: of ${missing} answered asks no span came`]),
      // Who was named in what never came, nobody knows.
      ...(letGo === 0 ? [] : [`I5 by traces: ${letGo} of them never were whole`]),
    ];
  }

  /** Names of spans and values of attributes are the target's own words. */
  #redacted<T extends Pick<Violation, 'title' | 'let' | 'then'>>(told: T): T {
    const clean = (text: string): string => this.secrets.redacted(text);
    return {
      ...told,
      ...{ title: clean(told.title), let: told.let.map(clean), then: told.then.map(clean) },
    };
  }

  #exchangeTerms(dispatcher: () => Agent): ExchangeTerms {
    return { clock: this.#around.clock, dispatcher, allowed: new Set(this.#around.hosts) };
  }
}

/** Far below the highest owner that a canary can name. */
const LABELS_FROM_MAX = 0x4000_0000;

/** Canaries of other runs, as memory keeps them, accuse nobody: whose they were is not known here. */
class RunLedger extends Ledger {
  othersSeen = 0;

  override mayRead(index: number, reader: Reader): boolean {
    if (this.labelOf(index) !== undefined) return super.mayRead(index, reader);
    this.othersSeen += 1;
    return true;
  }
}

/** No request waits for another's connection. */
const agent = (): Agent => new Agent({ connections: null, pipelining: 1 });

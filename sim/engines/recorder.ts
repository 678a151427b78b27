// What does each service do at its doors: the hop that the harness wraps around every port, recording all.

import type { LimitContract, Permit } from '../domain/limit.ts';
import {
  type AccessDecision,
  type AccessQuestion,
  type Hop,
  type LimiterName,
  type ListQuestion,
  type OnChunk,
  type Peer,
  type PolicyDecision,
  type PolicyQuestion,
  ServiceFault,
  type ServiceName,
  type Store,
  type StoreName,
  type TelemetryRecord,
} from '../domain/ports.ts';
import { type Call, json, type Reply } from '../domain/wire.ts';
import type { Chance } from '../kernel/chance.ts';
import type { ServiceFaults } from './faults.ts';
import { RecordedStore } from './recorded-store.ts';
import type { Journey, World } from './world.ts';

/** Calls a service from outside and records what happens on the way. `peer` is the network identity. */
export const callFrom = (
  world: World,
  journey: Journey,
  peer: Peer,
  to: ServiceName,
  call: Call,
  heard?: OnChunk,
): Promise<Reply> => exchange(world, journey, { from: peer, parent: 0, heard }, to, call);

/** The hop of the operator, who is no service. */
export const operatorHop = (world: World, journey: Journey): Hop =>
  new RecordedHop(world, journey, 'operator', 'operator', 'operator');

const exchange = async (
  world: World,
  journey: Journey,
  caller: { readonly from: Peer; readonly parent: number; readonly heard?: OnChunk | undefined },
  to: ServiceName,
  call: Call,
): Promise<Reply> => {
  const startedUs = world.clock.nowUs();
  const count = (journey.calls.get(to) ?? 0) + 1;
  journey.calls.set(to, count);
  const hop = new RecordedHop(world, journey, to, caller.from, `${to}#${count}`);
  hop.heard = caller.heard;
  const fault = world.faults.of(to, call, startedUs);
  let arrived = call;
  const reply = await world.wire({
    journey,
    parent: caller.parent,
    from: caller.from,
    to,
    call,
    arrive: (received) => {
      arrived = received;
      return answer(world, hop, fault, to, received);
    },
  });
  if (to === 'model') meter(world, journey, arrived);
  world.history.record({
    kind: 'exchange',
    request: journey.request,
    startedUs,
    from: caller.from,
    to,
    hop: hop.id,
    parent: caller.parent,
    call,
    reply,
    faulted: fault !== undefined,
  });
  return reply;
};

/** Writes down what the host itself counted, whatever the platform will say of it. */
const meter = (world: World, journey: Journey, call: Call): void => {
  const reading = world.outside.take(call);
  if (reading === undefined) return;
  const { modelId, inputTokens, outputTokens, queuedUs } = reading;
  world.history.record({
    kind: 'metered',
    request: journey.request,
    modelId,
    inputTokens,
    outputTokens,
    queuedUs,
  });
};

const answer = async (
  world: World,
  hop: RecordedHop,
  fault: ReturnType<ServiceFaults['of']>,
  to: ServiceName,
  call: Call,
): Promise<Reply> => {
  if (fault?.kind === 'gone') return GONE;
  if (fault?.kind === 'failing' && hop.chance('fault').happens(fault.share)) {
    await hop.sleep(1_000);
    return GONE;
  }
  if (fault?.kind === 'slow') hop.slowness = fault.factor;
  try {
    return await world.platform.services[to](call, hop);
  } catch (problem) {
    if (problem instanceof ServiceFault) return GONE;
    noteBug(world, to, problem);
    return BROKEN;
  }
};

/** What cannot be counted may not pass: the request fails as with any service that is gone. */
const cannotSay = (): never => {
  throw new ServiceFault('limiter');
};

/** A service's own bug is part of what happened. */
const noteBug = (world: World, service: Peer, problem: unknown): void =>
  world.history.record({
    kind: 'changed',
    request: undefined,
    change: `${service} threw: ${problem instanceof Error ? problem.message : String(problem)}`,
    tenant: undefined,
  });

/** What a caller sees of a service that is gone or failing. */
const GONE: Reply = json(503, { message: 'Service Unavailable' });
/** What a caller sees of a service that threw. */
const BROKEN: Reply = json(500, { message: 'Internal Server Error' });

class RecordedHop implements Hop {
  readonly id: number;
  readonly peer: Peer;
  /** Multiplies every sleep while the service is slow. */
  slowness = 1;
  heard: OnChunk | undefined;
  readonly #world: World;
  readonly #journey: Journey;
  readonly #service: Peer;
  readonly #name: string;

  constructor(
    world: World,
    journey: Journey,
    service: Peer,
    peer: Peer,
    name: string,
    id?: number,
  ) {
    this.id = id ?? world.hops.next();
    this.peer = peer;
    this.#world = world;
    this.#journey = journey;
    this.#service = service;
    this.#name = name;
  }

  nowUs(): number {
    return this.#world.clock.nowUs();
  }

  sleep(durationUs: number): Promise<void> {
    return this.#world.clock.sleep(Math.round(durationUs * this.slowness));
  }

  chance(name: string): Chance {
    return this.#journey.chance.fork(this.#name, name);
  }

  call(to: ServiceName, call: Call, heard?: OnChunk): Promise<Reply> {
    const caller = { from: this.#service, parent: this.id, heard };
    return exchange(this.#world, this.#journey, caller, to, call);
  }

  decide(question: PolicyQuestion): PolicyDecision {
    const decision = this.#policyIsUp() ? this.#world.platform.policy.decide(question) : undefined;
    const { request } = this.#journey;
    this.#world.history.record({
      kind: 'decided',
      request,
      hop: this.id,
      service: this.#service,
      question,
      decision,
    });
    if (decision === undefined) throw new ServiceFault('policy');
    return decision;
  }

  mayList(question: ListQuestion): boolean {
    if (!this.#policyIsUp()) throw new ServiceFault('policy');
    return this.#world.platform.policy.mayList(question);
  }

  authorize(question: AccessQuestion): AccessDecision {
    const decision = this.#world.platform.access.authorize(question);
    const { request } = this.#journey;
    this.#world.history.record({
      kind: 'authorized',
      request,
      hop: this.id,
      service: this.#service,
      question,
      decision,
    });
    return decision;
  }

  async admit(limiter: LimiterName, key: string, contract: LimitContract): Promise<Permit> {
    const askedUs = this.nowUs();
    const answer = this.#world.platform.limiters[limiter].admit(key, contract, askedUs);
    const permit = 'kind' in answer ? answer : await answer.catch(cannotSay);
    const { request } = this.#journey;
    this.#world.history.record({
      kind: 'permitted',
      request,
      askedUs,
      hop: this.id,
      limiter,
      key,
      contract,
      permit,
    });
    return permit;
  }

  store(name: StoreName): Store {
    return new RecordedStore(this.#world, this.#journey.request, this, this.#service, name);
  }

  emit(record: TelemetryRecord): void {
    const { request } = this.#journey;
    this.#world.history.record({
      kind: 'emitted',
      request,
      hop: this.id,
      service: this.#service,
      record,
    });
  }

  later(afterUs: number, work: (hop: Hop) => Promise<void>): void {
    // The work keeps the hop's number: what allowed the call allows what follows from it.
    const name = `${this.#name} later`;
    const job = new RecordedHop(
      this.#world,
      this.#journey,
      this.#service,
      this.#service,
      name,
      this.id,
    );
    this.#world.clock.at(this.nowUs() + afterUs, () => {
      // As a call would, the work turns what it throws into something that happened.
      void work(job).catch((problem: unknown) => noteBug(this.#world, this.#service, problem));
    });
  }

  #policyIsUp(): boolean {
    const fault = this.#world.faults.ofPolicy(this.nowUs());
    if (fault === undefined || fault.kind === 'slow') return true;
    return fault.kind === 'failing' && !this.chance('policy fault').happens(fault.share);
  }
}

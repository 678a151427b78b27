// How does a program of moves unfold: each after the end of the one before, or beside it.

import type { AskMove, BreakMove, Move, Person, TryMove } from '../scenario/move.ts';
import type { Fault, Scenario } from '../scenario/schema.ts';
import { announce, apply, type Stage } from './changes.ts';
import { actorOf, keyOf, once, peopleIn } from './moves/actors.ts';
import { callOf, partsOf, peerOf, sessionId } from './moves/calls.ts';
import { Casting, type Known } from './moves/casting.ts';
import { expectedOf, kindOf } from './moves/expecting.ts';
import type { MemoryIds } from './moves/scene.ts';
import { ask } from './traffic.ts';

export { actorOf, keyOf } from './moves/actors.ts';
export { type MemoryIds, SeenIds } from './moves/scene.ts';

interface Means extends Known {
  readonly watch?: MovesWatch | undefined;
  /** Given, these are played in place of the scenario's moves. */
  readonly second?: SecondRun | undefined;
}

/** Is told of moves as they are made. */
export interface MovesWatch {
  began(index: number, atUs: number): void;
  /** What was known of the ids of another, at a place that is the same in a second run. */
  knew(place: string, ids: MemoryIds): void;
}

/** Moves that were made once, to be made again under an observer. */
export interface SecondRun {
  /** The observer's own, one after another, none before its instant. */
  readonly own: readonly TimedMove[];
  /** Those of the others, each at its instant whatever became of the one before. */
  readonly others: readonly TimedMove[];
  /** What the observer knew in the first run, by place. */
  readonly knew: ReadonlyMap<string, MemoryIds>;
}

export interface TimedMove {
  readonly move: Move;
  readonly atUs: number;
}

/** Plays the moves of a scenario, from now on. A move whose people are not there is left out. */
export const playMoves = async (stage: Stage, scenario: Scenario, means: Means): Promise<void> => {
  const { second } = means;
  const program = new Program(stage, means);
  if (second === undefined) {
    await program.begin(peopleIn(scenario.moves));
    return program.play(scenario.moves);
  }
  const { own, others } = second;
  // Whoever is the observer's signs in, if nobody but others would have named them.
  const { tenants = [] } = scenario.observer ?? {};
  const theirs = peopleIn(scenario.moves).filter(({ tenant }) => tenants.includes(tenant));
  const named = peopleIn([...own, ...others].map(({ move }) => move));
  await program.begin(once([...theirs, ...named]));
  const moves = own.map(({ move }) => move);
  const instants = own.map(({ atUs }) => atUs);
  await Promise.all([program.play(moves, instants), program.playAt(others)]);
};

class Program {
  readonly #stage: Stage;
  readonly #means: Means;
  /** How many moves each actor has made. */
  readonly #made = new Map<string, number>();
  readonly #casting: Casting;

  constructor(stage: Stage, means: Means) {
    this.#stage = stage;
    this.#means = means;
    const { second, watch } = means;
    // In a second run no more and no less is known of others than in the first.
    this.#casting = new Casting(stage, means, (victim, place) => {
      const ids = second?.knew.get(place) ?? means.seen.of(victim);
      watch?.knew(place, ids);
      return ids;
    });
  }

  /** Everyone signs in. */
  async begin(people: readonly Person[]): Promise<void> {
    const { clock } = this.#stage.sender.world;
    const beginsUs = clock.nowUs() + SIGNING_IN_US;
    await Promise.all(people.map((person) => this.#signIn(person)));
    await clock.sleep(Math.max(0, beginsUs - clock.nowUs()));
  }

  /** One after another, or beside it; none before its instant, if it has one. */
  async play(moves: readonly Move[], notBeforeUs: readonly number[] = []): Promise<void> {
    const { clock } = this.#stage.sender.world;
    let running: Promise<void>[] = [];
    for (const [index, move] of moves.entries()) {
      if (!move.together) {
        await Promise.all(running);
        running = [];
      }
      const waitUs = Math.max(move.afterUs, (notBeforeUs[index] ?? 0) - clock.nowUs());
      if (waitUs > 0) await clock.sleep(waitUs);
      this.#means.watch?.began(index, clock.nowUs());
      running.push(this.#make(move, this.#count(actorOf(move))));
    }
    await Promise.all(running);
  }

  /** Each at its own instant. */
  async playAt(moves: readonly TimedMove[]): Promise<void> {
    const { clock } = this.#stage.sender.world;
    const running: Promise<void>[] = [];
    for (const { move, atUs } of moves) {
      if (atUs > clock.nowUs()) await clock.sleep(atUs - clock.nowUs());
      running.push(this.#make(move, this.#count(actorOf(move))));
    }
    await Promise.all(running);
  }

  async #signIn(person: Person): Promise<void> {
    const found = this.#casting.find(person);
    if (found !== undefined) await this.#stage.sender.bearerFor(found.client);
  }

  /** The number of this move among its actor's own, so that nobody's draws move another's. */
  #count(actor: string): number {
    const count = (this.#made.get(actor) ?? 0) + 1;
    this.#made.set(actor, count);
    return count;
  }

  async #make(move: Move, number: number): Promise<void> {
    const { clock } = this.#stage.sender.world;
    switch (move.do) {
      case 'ask':
        return this.#askOften(move, number);
      case 'try':
        return this.#try(move, number);
      case 'change':
        return apply(this.#stage, { ...move.change, atUs: clock.nowUs() }, number);
      case 'break':
        return this.#break(move);
    }
  }

  #break({ service, how, forUs }: BreakMove): void {
    const { faults, clock } = this.#stage.sender.world;
    const fromUs = clock.nowUs();
    const place = { service, model: undefined, fromUs, toUs: fromUs + forUs };
    const fault: Fault =
      how === 'slow'
        ? { ...place, kind: how, factor: SLOW_FACTOR }
        : how === 'failing'
          ? { ...place, kind: how, share: FAILING_SHARE }
          : { ...place, kind: how };
    faults.add(fault);
    announce(this.#stage, fault);
  }

  async #askOften(move: AskMove, number: number): Promise<void> {
    const numbers = [number];
    while (numbers.length < move.times) numbers.push(this.#count(keyOf(move.by)));
    const { clock } = this.#stage.sender.world;
    const one = async (each: number, afterUs: number): Promise<void> => {
      if (afterUs > 0) await clock.sleep(afterUs);
      await this.#ask(move, each);
    };
    await Promise.all(numbers.map((each, index) => one(each, index * move.everyUs)));
  }

  async #ask(move: AskMove, number: number): Promise<void> {
    const found = this.#casting.find(move.by);
    if (found === undefined) return;
    await ask(this.#stage.sender, {
      ...found,
      session: sessionId(move.session),
      origin: 'move',
      move: number,
      task: move.use === 'recall' ? 'talk' : move.use,
      recalls: move.use === 'recall' ? 'surely' : 'never',
      chance: this.#casting.chanceOf(move.by, number),
      promptCharacters: 0,
      maxOutputTokens: 1024,
      ...(move.say === undefined ? {} : { words: move.say }),
    });
  }

  async #try(move: TryMove, number: number): Promise<void> {
    const scene = await this.#casting.sceneOf(move, number);
    if (scene === undefined) return;
    const { boundary, operation } = partsOf(move.operation);
    const actor = move.by === undefined ? undefined : scene.attacker;
    const { sender } = this.#stage;
    const journey = sender.journey(actor, {
      kind: 'probe',
      origin: 'move',
      move: number,
      bearer: scene.bearerFacts,
      session: sessionId(move.session),
      probe: {
        kind: kindOf(move),
        boundary,
        operation,
        relation: scene.relation,
        expects: expectedOf(move, scene.relation),
      },
    });
    await sender.send(journey, peerOf(scene), boundary, callOf(scene));
    // What was tried is remembered, too: the user's last honest prompt is no longer the newest.
    for (const client of [actor, scene.victim])
      if (client !== undefined) client.lastAnswered = undefined;
  }
}

/** Everyone signs in at first; the moves begin after so long, however many they are (assumed). */
const SIGNING_IN_US = 5_000_000;

/** Assumed: enough for any service to run into the front door's timeout. */
const SLOW_FACTOR = 300;
/** Assumed: half of all calls. */
const FAILING_SHARE = 0.5;

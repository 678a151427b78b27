// How does a program of moves unfold: each after the end of the one before, or beside it.

import type { KeyRing } from '../domain/ports.ts';
import type { Headers } from '../domain/wire.ts';
import { Chance } from '../kernel/chance.ts';
import type { AskMove, BreakMove, Move, Person, TryMove } from '../scenario/move.ts';
import type { Fault, Scenario } from '../scenario/schema.ts';
import { announce, apply, type Stage } from './changes.ts';
import type { Client } from './clients.ts';
import { actorOf, keyOf, peopleIn } from './moves/actors.ts';
import { callOf, partsOf, peerOf, sessionId, TAKES_CREDENTIALS } from './moves/calls.ts';
import { expectedOf, kindOf } from './moves/expecting.ts';
import { credentialsIn, relationBetween, type Scene, type SeenIds } from './moves/scene.ts';
import { type Cast, FORGERIES, forgedFacts } from './probes.ts';
import { ask, type Home } from './traffic.ts';

export { SeenIds } from './moves/scene.ts';

interface Means {
  readonly seed: number;
  readonly keys: KeyRing;
  readonly seen: SeenIds;
  /** Told of each move as it begins. */
  readonly onMove?: ((index: number, atUs: number) => void) | undefined;
  /** The earliest instant of each move, by its index. */
  readonly notBeforeUs?: readonly number[] | undefined;
}

/** Plays the moves of a scenario, from now on. A move whose people are not there is left out. */
export const playMoves = (stage: Stage, scenario: Scenario, means: Means): Promise<void> =>
  new Program(stage, means).play(scenario.moves);

class Program {
  readonly #stage: Stage;
  readonly #means: Means;
  /** How many moves each actor has made. */
  readonly #made = new Map<string, number>();
  /** The client and the credentials that each person was last seen with. */
  readonly #last = new Map<string, { readonly client: Client; readonly credentials: Headers }>();

  constructor(stage: Stage, means: Means) {
    this.#stage = stage;
    this.#means = means;
  }

  async play(moves: readonly Move[]): Promise<void> {
    const { clock } = this.#stage.sender.world;
    const beginsUs = clock.nowUs() + SIGNING_IN_US;
    await Promise.all(peopleIn(moves).map((person) => this.#signIn(person)));
    await clock.sleep(Math.max(0, beginsUs - clock.nowUs()));
    let running: Promise<void>[] = [];
    for (const [index, move] of moves.entries()) {
      if (!move.together) {
        await Promise.all(running);
        running = [];
      }
      const notBeforeUs = this.#means.notBeforeUs?.[index] ?? 0;
      const waitUs = Math.max(move.afterUs, notBeforeUs - clock.nowUs());
      if (waitUs > 0) await clock.sleep(waitUs);
      this.#means.onMove?.(index, clock.nowUs());
      running.push(this.#make(move, this.#count(actorOf(move))));
    }
    await Promise.all(running);
  }

  async #signIn(person: Person): Promise<void> {
    const found = this.#find(person);
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
    const found = this.#find(move.by);
    if (found === undefined) return;
    await ask(this.#stage.sender, {
      ...found,
      session: sessionId(move.session),
      origin: 'move',
      move: number,
      task: move.use === 'recall' ? 'talk' : move.use,
      recalls: move.use === 'recall' ? 'surely' : 'never',
      chance: this.#chanceOf(move.by, number),
      promptCharacters: 0,
      maxOutputTokens: 1024,
      ...(move.say === undefined ? {} : { words: move.say }),
    });
  }

  async #try(move: TryMove, number: number): Promise<void> {
    const scene = await this.#scene(move, number);
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

  /** Everyone and everything that a try needs; nothing when a part of it is not there. */
  async #scene(move: TryMove, number: number): Promise<Scene | undefined> {
    const { sender } = this.#stage;
    const victim = this.#find(move.of);
    const actor = move.by === undefined ? victim : this.#find(move.by);
    if (victim === undefined || actor === undefined) return undefined;
    const late = move.presents === 'late' ? this.#last.get(keyOf(move.by)) : undefined;
    const attacker = late?.client ?? actor.client;
    const isOwn = late === undefined && move.by !== undefined;
    const bearer = isOwn ? await this.#bearerOf(attacker) : attacker.bearer;
    // Whoever is a victim signs in for nobody's sake but their own: others must not be felt.
    const victimBearer = victim.client.bearer;
    if (victimBearer === undefined || bearer === undefined) return undefined;
    const relation = relationBetween(move.by === undefined ? undefined : attacker, victim.client);
    const chance = this.#chanceOf(move.by, number);
    const { ledger } = sender;
    const secretOf = (client: Client): string =>
      ledger.plant(sender.labelOf(client), 'prompt').text;
    const cast: Cast = {
      attacker,
      attackerHome: actor.home,
      bearer,
      victim: victim.client,
      victimHome: victim.home,
      victimBearer,
      relation,
      chance,
      keys: this.#means.keys,
      nowUs: sender.world.clock.nowUs(),
      victimSecret: '',
    };
    const shown = this.#shown(move, cast);
    if (shown === undefined) return undefined;
    const own = move.presents === 'own' || move.presents === 'late';
    const credentials = await this.#credentials(move, cast, late?.credentials);
    // Without the credentials that it is to show there is no such try.
    const wants =
      own && move.by !== undefined && TAKES_CREDENTIALS.has(partsOf(move.operation).boundary);
    if (wants && credentials.length === 0) return undefined;
    const secret = move.by === undefined ? 'hello' : secretOf(attacker);
    return {
      ...cast,
      move,
      shown,
      bearerFacts: own && move.by !== undefined ? bearer : forgedFacts(ledger, cast, shown),
      credentials,
      ids: this.#means.seen.of(victim.client),
      secret,
    };
  }

  /** The bearer token that the move shows, `''` for none; nothing when there is none such. */
  #shown(move: TryMove, cast: Cast): string | undefined {
    const { boundary } = partsOf(move.operation);
    if (boundary === 'identity' || TAKES_CREDENTIALS.has(boundary)) return '';
    if (move.presents === 'none') return '';
    if (move.presents === 'own' || move.presents === 'late')
      return move.by === undefined ? '' : cast.bearer.text;
    const forgery = FORGERIES[`${move.presents}-bearer`];
    return forgery?.(cast);
  }

  async #credentials(move: TryMove, cast: Cast, late: Headers | undefined): Promise<Headers> {
    const takes = TAKES_CREDENTIALS.has(partsOf(move.operation).boundary);
    if (!takes || move.by === undefined) return [];
    if (move.presents === 'late' && late !== undefined) return late;
    if (move.presents !== 'own' && move.presents !== 'late') return [];
    const vended = await this.#vend(cast);
    if (vended.length > 0)
      this.#last.set(keyOf(move.by), { client: cast.attacker, credentials: vended });
    return vended;
  }

  /** A compromised agent asks the token vending machine for what its user's own token gives. */
  async #vend(cast: Cast): Promise<Headers> {
    const { sender } = this.#stage;
    const journey = sender.journey(cast.attacker, {
      kind: 'probe',
      origin: 'move',
      bearer: cast.bearer,
      probe: {
        kind: 'own token',
        boundary: 'credentials',
        operation: 'vend',
        relation: 'same user',
        expects: 'own answer',
      },
    });
    const reply = await sender.send(journey, 'runtime', 'credentials', {
      method: 'POST',
      path: '/credentials',
      headers: [['authorization', `Bearer ${cast.bearer.text}`]],
      body: '{}',
    });
    return reply.status === 200 ? credentialsIn(reply.body) : [];
  }

  /** A good token, or the last one that there was: the closed sign-in of a tenant stops nobody who has one. */
  async #bearerOf(client: Client): Promise<Client['bearer']> {
    return (await this.#stage.sender.bearerFor(client)) ?? client.bearer;
  }

  #chanceOf(by: Person | undefined, number: number): Chance {
    return new Chance(this.#means.seed).fork('move', keyOf(by), number);
  }

  #find(person: Person): { readonly client: Client; readonly home: Home } | undefined {
    const home = this.#stage.homes.get(person.tenant);
    const client = home?.clients.find(({ principal }) => principal.user === person.user);
    if (home === undefined || client === undefined) return undefined;
    const key = keyOf(person);
    if (!this.#last.has(key)) this.#last.set(key, { client, credentials: [] });
    return { client, home };
  }
}

/** Everyone signs in at first; the moves begin after so long, however many they are (assumed). */
const SIGNING_IN_US = 5_000_000;

/** Assumed: enough for any service to run into the front door's timeout. */
const SLOW_FACTOR = 300;
/** Assumed: half of all calls. */
const FAILING_SHARE = 0.5;

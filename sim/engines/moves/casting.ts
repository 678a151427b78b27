// Who and what is there for a try: people as they are now or were last, and what they can show?

import type { KeyRing } from '../../domain/ports.ts';
import type { Headers } from '../../domain/wire.ts';
import { Chance } from '../../kernel/chance.ts';
import type { Person, TryMove } from '../../scenario/move.ts';
import type { Stage } from '../changes.ts';
import type { Client } from '../clients.ts';
import { type Cast, FORGERIES, forgedFacts } from '../probes.ts';
import type { Home } from '../traffic.ts';
import { keyOf } from './actors.ts';
import { partsOf, TAKES_CREDENTIALS } from './calls.ts';
import {
  credentialsIn,
  type MemoryIds,
  relationBetween,
  type Scene,
  type SeenIds,
} from './scene.ts';

export interface Known {
  readonly seed: number;
  readonly keys: KeyRing;
  readonly seen: SeenIds;
}

interface Found {
  readonly client: Client;
  readonly home: Home;
}

interface LastSeen extends Found {
  readonly credentials: Headers;
}

/** What may be known of a victim's ids, at a place: an actor and the number of its move. */
type IdsOf = (victim: Client, place: string) => MemoryIds;

/** Casts tries. */
export class Casting {
  readonly #stage: Stage;
  readonly #known: Known;
  readonly #idsOf: IdsOf;
  /** Where each person was last seen, and with which credentials. */
  readonly #last = new Map<string, LastSeen>();

  constructor(stage: Stage, known: Known, idsOf: IdsOf) {
    this.#stage = stage;
    this.#known = known;
    this.#idsOf = idsOf;
  }

  /** Somebody who is there now. */
  find(person: Person): Found | undefined {
    const home = this.#stage.homes.get(person.tenant);
    const client = home?.clients.find(({ principal }) => principal.user === person.user);
    if (home === undefined || client === undefined) return undefined;
    const key = keyOf(person);
    if (!this.#last.has(key)) this.#last.set(key, { client, home, credentials: [] });
    return { client, home };
  }

  /** Whom a try is about; who has left, or not signed in in a new life, is what they were last. */
  #findVictim(person: Person): Found | undefined {
    const found = this.find(person);
    return found?.client.bearer === undefined ? (this.#last.get(keyOf(person)) ?? found) : found;
  }

  /** The chance of an actor's move of that number. */
  chanceOf(by: Person | undefined, number: number): Chance {
    return new Chance(this.#known.seed).fork('move', keyOf(by), number);
  }

  /** Everyone and everything that a try needs; nothing when a part of it is not there. */
  async sceneOf(move: TryMove, number: number): Promise<Scene | undefined> {
    const { sender } = this.#stage;
    const victim = this.#findVictim(move.of);
    const actor = move.by === undefined ? victim : this.find(move.by);
    if (victim === undefined || actor === undefined) return undefined;
    const late = move.presents === 'late' ? this.#last.get(keyOf(move.by)) : undefined;
    const attacker = late?.client ?? actor.client;
    const isOwn = late === undefined && move.by !== undefined;
    const bearer = isOwn ? await this.#bearerOf(attacker) : attacker.bearer;
    // Whoever is a victim signs in for nobody's sake but their own: others must not be felt.
    const victimBearer = victim.client.bearer;
    if (victimBearer === undefined || bearer === undefined) return undefined;
    const relation = relationBetween(move.by === undefined ? undefined : attacker, victim.client);
    const chance = this.chanceOf(move.by, number);
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
      keys: this.#known.keys,
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
      ids: this.#idsOf(victim.client, `${keyOf(move.by)} ${number}`),
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
      this.#last.set(keyOf(move.by), {
        client: cast.attacker,
        home: cast.attackerHome,
        credentials: vended,
      });
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
}

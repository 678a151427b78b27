// What do attackers try: one round of probes at a time, each with what must come back.

import type { KeyRing } from '../domain/ports.ts';
import { userLabel } from '../domain/principal.ts';
import { type Headers, isRecord, parsed, type Reply } from '../domain/wire.ts';
import { Chance } from '../kernel/chance.ts';
import type { ProbeKind, Scenario } from '../scenario/schema.ts';
import type { Stage } from './changes.ts';
import type { Client } from './clients.ts';
import type { Attempt, Cast } from './probes/cast.ts';
import { DIRECT } from './probes/direct.ts';
import { bearerAttempts, FORGERIES } from './probes/forgeries.ts';
import { WITH_CREDENTIALS } from './probes/with-credentials.ts';
import type { Home } from './traffic.ts';

export { knowledgeRetrieve, mcp } from './probes/calls.ts';
export { type Cast, victimActor, victimTenant } from './probes/cast.ts';
export { FORGERIES, forgedFacts } from './probes/forgeries.ts';

/** Plans a round every so often; each round draws its cast by its own number. */
export const planProbes = (stage: Stage, scenario: Scenario, seed: number, keys: KeyRing): void => {
  const { probes } = scenario;
  if (probes === undefined) return;
  const { clock } = stage.sender.world;
  let round = 0;
  for (
    let atUs = scenario.startUs + probes.everyUs;
    atUs < scenario.endUs;
    atUs += probes.everyUs
  ) {
    round += 1;
    const chance = new Chance(seed).fork('probes', round);
    clock.at(atUs, () => void playRound(stage, probes.kinds, chance, keys));
  }
};

const playRound = async (
  stage: Stage,
  kinds: readonly ProbeKind[],
  chance: Chance,
  keys: KeyRing,
): Promise<void> => {
  for (const kind of kinds) {
    const cast = await castOf(stage, chance.fork(kind), keys);
    if (cast === undefined) continue;
    for (const attempt of await attemptsOf(stage, kind, cast))
      await play(stage, kind, cast, attempt);
  }
};

const castOf = async (stage: Stage, chance: Chance, keys: KeyRing): Promise<Cast | undefined> => {
  const homes = [...stage.homes.values()].filter(
    (home) => home.household.facts.status === 'active' && home.clients.length > 0,
  );
  const attackerHome = homes[chance.fork('attacker').integer(0, homes.length - 1)];
  const others = homes.filter((home) => home !== attackerHome);
  const victimHome = others[chance.fork('victim').integer(0, others.length - 1)];
  if (attackerHome === undefined || victimHome === undefined) return undefined;
  const attacker = oneOf(attackerHome, chance.fork('attacker user'));
  const victim = oneOf(victimHome, chance.fork('victim user'));
  if (attacker === undefined || victim === undefined) return undefined;
  const bearer = await stage.sender.bearerFor(attacker);
  const victimBearer = await stage.sender.bearerFor(victim);
  if (bearer === undefined || victimBearer === undefined) return undefined;
  const sameTier = attackerHome.household.facts.tier === victimHome.household.facts.tier;
  const { ledger } = stage.sender;
  return {
    attacker,
    attackerHome,
    bearer,
    victim,
    victimHome,
    victimBearer,
    chance,
    keys,
    relation: sameTier ? 'other tenant' : 'other tier',
    nowUs: stage.sender.world.clock.nowUs(),
    victimSecret: ledger.plant(ledger.label(userLabel(victim.principal)), 'prompt').text,
  };
};

const oneOf = (home: Home, chance: Chance): Client | undefined =>
  home.clients[chance.integer(0, home.clients.length - 1)];

const play = async (stage: Stage, kind: string, cast: Cast, attempt: Attempt): Promise<void> => {
  const client = { attacker: cast.attacker, victim: cast.victim, stranger: undefined }[attempt.as];
  const bearer =
    attempt.bearer ??
    { attacker: cast.bearer, victim: cast.victimBearer, stranger: undefined }[attempt.as];
  const journey = stage.sender.journey(client, {
    kind: 'probe',
    origin: kind,
    bearer,
    ...(attempt.session === undefined ? {} : { session: attempt.session }),
    probe: {
      kind,
      boundary: attempt.to,
      operation: attempt.operation,
      expects: attempt.expects,
      relation:
        attempt.as === 'stranger'
          ? 'outsider'
          : attempt.as === 'victim'
            ? 'same user'
            : cast.relation,
    },
  });
  await stage.sender.send(journey, attempt.peer, attempt.to, attempt.call);
  // What the probe said is remembered, too: the user's last honest prompt is no longer the newest.
  if (client !== undefined && attempt.to === 'front-door') client.lastAnswered = undefined;
};

const attemptsOf = async (
  stage: Stage,
  kind: ProbeKind,
  cast: Cast,
): Promise<readonly Attempt[]> => {
  const forgery = FORGERIES[kind];
  if (forgery !== undefined) return bearerAttempts(stage.sender.ledger, cast, forgery(cast));
  const attempts = DIRECT[kind]?.(cast) ?? [];
  const stolen = WITH_CREDENTIALS[kind];
  if (stolen === undefined) return attempts;
  const mine = await credentialsOf(stage, cast, 'attacker');
  const theirs = await credentialsOf(stage, cast, 'victim');
  if (mine === undefined || theirs === undefined) return attempts;
  return [...attempts, ...stolen(cast, mine, theirs)];
};

/** A compromised agent: it asks the token vending machine for the credentials that its own token gives. */
const credentialsOf = async (
  stage: Stage,
  cast: Cast,
  as: 'attacker' | 'victim',
): Promise<Headers | undefined> => {
  const [client, bearer] =
    as === 'attacker' ? [cast.attacker, cast.bearer] : [cast.victim, cast.victimBearer];
  const journey = stage.sender.journey(client, {
    kind: 'probe',
    origin: 'own credentials',
    bearer,
    probe: {
      kind: 'own credentials',
      boundary: 'credentials',
      operation: 'vend',
      relation: 'same user',
      expects: 'service',
    },
  });
  const reply: Reply = await stage.sender.send(journey, 'runtime', 'credentials', {
    method: 'POST',
    path: '/credentials',
    headers: [['authorization', `Bearer ${bearer.text}`]],
    body: '{}',
  });
  const body = reply.status === 200 ? parsed(reply.body) : undefined;
  const sessionToken = isRecord(body) ? body['SessionToken'] : undefined;
  return typeof sessionToken === 'string' ? [['x-amz-security-token', sessionToken]] : undefined;
};

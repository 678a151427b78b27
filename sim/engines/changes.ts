// What changes over time: the operator's orders and the service faults of a scenario, at their instants.

import type { Operation } from '../domain/directory.ts';
import type { Principal } from '../domain/principal.ts';
import { Chance } from '../kernel/chance.ts';
import type { Change, Fault, Scenario, TenantPlan } from '../scenario/schema.ts';
import { type Client, clientOf, type Sender } from './clients.ts';
import { type Household, moveIn, type Order, openUser, userOf } from './population.ts';
import { operatorHop } from './recorder.ts';
import { ask, type Home, homeOf, type Traffic } from './traffic.ts';

/** Everyone who lives in the pool now, by tenant id. */
export type Homes = Map<string, Home>;

export interface Stage {
  readonly sender: Sender;
  readonly traffic: Traffic;
  readonly homes: Homes;
  /** Lives of each tenant id so far. */
  readonly lives: Map<string, number>;
  /** Puts other Cedar policies in force, by folder. */
  readonly swapPolicies: (folder: string) => void;
}

/** Opens the tenants in order and starts their traffic. */
export const openAll = async (
  stage: Stage,
  plans: readonly TenantPlan[],
  startUs: number,
): Promise<void> => {
  for (const plan of plans) await open(stage, plan);
  const homes = [...stage.homes.values()];
  for (const home of homes) stage.traffic.admit(home, homes, startUs);
};

/** Plans every change and fault of the scenario. */
export const planChanges = (stage: Stage, scenario: Scenario): void => {
  const { clock } = stage.sender.world;
  for (const [number, change] of scenario.changes.entries()) {
    clock.at(change.atUs, () => void apply(stage, change, number));
  }
  for (const fault of scenario.faults) announce(stage, fault);
};

/** Writes down when a service fault begins and when it ends. */
export const announce = (stage: Stage, fault: Fault): void => {
  const { clock } = stage.sender.world;
  clock.at(fault.fromUs, () => noteFault(stage, fault, true));
  clock.at(fault.toUs, () => noteFault(stage, fault, false));
};

const noteFault = (stage: Stage, fault: Fault, begins: boolean): void =>
  stage.sender.world.history.record({
    kind: 'changed',
    request: undefined,
    change: `${fault.service} ${fault.kind}`,
    tenant: undefined,
    service: fault.service,
    begins,
  });

const open = async (stage: Stage, plan: TenantPlan): Promise<Home> => {
  const life = (stage.lives.get(plan.id) ?? 0) + 1;
  stage.lives.set(plan.id, life);
  const { world, ledger } = stage.sender;
  const { household, orders } = moveIn(plan, life, ledger, world.clock.nowUs());
  for (const order of orders) await operate(stage, order);
  const home = homeOf(household);
  stage.homes.set(plan.id, home);
  return home;
};

const operate = async (stage: Stage, order: Order): Promise<void> => {
  const { world } = stage.sender;
  const { kind } = order.operation;
  const journey = stage.sender.journey(undefined, { kind: 'operate', origin: kind }, order.writes);
  await world.platform.operate(order.operation, operatorHop(world, journey));
};

/** Carries out one change, if it can be: a tenant or user that is not there is left alone. */
export const apply = async (stage: Stage, change: Change, number: number): Promise<void> => {
  if (!isPossible(stage, change)) return;
  const tenant = 'tenant' in change ? change.tenant : undefined;
  const home = tenant === undefined ? undefined : stage.homes.get(tenant);
  switch (change.kind) {
    case 'onboard': {
      const opened = await open(stage, change.plan);
      stage.traffic.admit(opened, [...stage.homes.values()], change.atUs);
      break;
    }
    case 'rotate-keys':
      stage.sender.ledger.keysRotated(change.atUs);
      await operate(stage, { operation: { kind: 'rotate-keys' }, writes: 0 });
      break;
    case 'swap-policies':
      stage.swapPolicies(change.folder);
      break;
    default:
      if (home !== undefined) await applyTo(stage, change, home, number);
  }
  const incarnation = home?.household.facts.incarnation;
  const { history } = stage.sender.world;
  history.record({ kind: 'changed', request: undefined, change: change.kind, tenant: incarnation });
};

/** A program's moves may have taken away what a later move changes. */
const isPossible = (stage: Stage, change: Change): boolean => {
  if (!('tenant' in change)) return true;
  const status = stage.homes.get(change.tenant)?.household.facts.status ?? 'offboarded';
  const isThere = status !== 'offboarded';
  switch (change.kind) {
    case 'onboard':
      return !isThere;
    case 'suspend':
      return status === 'active';
    case 'resume':
      return status === 'suspended';
    case 'move-user':
      return isThere && takesIn(stage.homes.get(change.to), change.user);
    default:
      return isThere;
  }
};

/** Two users of one tenant cannot have one id. */
const takesIn = (home: Home | undefined, user: string): boolean =>
  home?.household.facts.status === 'active' && clientNamed(home, user) === undefined;

type HomeChange = Exclude<Change, { kind: 'onboard' | 'rotate-keys' | 'swap-policies' }>;

const applyTo = async (
  stage: Stage,
  change: HomeChange,
  home: Home,
  number: number,
): Promise<void> => {
  const { facts } = home.household;
  const { incarnation } = facts;
  const nowUs = stage.sender.world.clock.nowUs();
  const order = (operation: Operation, writes = 0): Promise<void> =>
    operate(stage, { operation, writes });
  switch (change.kind) {
    case 'upgrade':
    case 'downgrade':
      facts.tier = change.tier;
      facts.changedUs = nowUs;
      return order({ kind: 'set-tier', incarnation, tier: change.tier });
    case 'suspend':
    case 'resume':
      facts.status = change.kind === 'suspend' ? 'suspended' : 'active';
      facts.changedUs = nowUs;
      return order({ kind: 'set-status', incarnation, status: facts.status });
    case 'offboard':
      facts.status = 'offboarded';
      facts.changedUs = nowUs;
      // The purge that follows is in the name of the tenant, whose data alone it may delete.
      return order(
        { kind: 'close-tenant', incarnation },
        stage.sender.ledger.label({ kind: 'tenant', incarnation }),
      );
    case 'change-role': {
      const client = clientNamed(home, change.user);
      if (client === undefined) return;
      client.principal.role = change.role;
      return order({ kind: 'set-role', username: client.principal.username, role: change.role });
    }
    case 'move-user':
      return moveUser(stage, home, change.user, change.to);
    case 'plant-document':
      return plantDocument(stage, home.household, `planted${number}`, change.text);
    case 'plant-memory': {
      const client = clientNamed(home, change.user);
      if (client !== undefined) await plantMemory(stage, home, client, change.text);
    }
  }
};

const clientNamed = (home: Home, user: string): Client | undefined =>
  home.clients.find(({ principal }) => principal.user === user);

/** Ends one membership and begins another: the user gets a new sign-in in the other tenant. */
const moveUser = async (stage: Stage, home: Home, user: string, to: string): Promise<void> => {
  const leaving = clientNamed(home, user);
  const target = stage.homes.get(to);
  if (leaving === undefined || target === undefined) return;
  const { username, role } = leaving.principal;
  home.clients.splice(home.clients.indexOf(leaving), 1);
  await operate(stage, { operation: { kind: 'close-user', username }, writes: 0 });
  const arriving: Principal = userOf(target.household.facts, user, role);
  await operate(stage, openUser(arriving));
  target.clients.push(clientOf(arriving));
};

const plantDocument = async (
  stage: Stage,
  household: Household,
  id: string,
  text: string,
): Promise<void> => {
  const { ledger } = stage.sender;
  const { incarnation } = household.facts;
  const label = ledger.label({ kind: 'tenant', incarnation, roles: ['physician', 'nurse'] });
  const canary = ledger.plant(label, 'document');
  household.documents.push({ id, serial: canary.serial });
  const operation: Operation = {
    kind: 'put-document',
    incarnation,
    id,
    text: `${id}: ${text} ${canary.text}`,
  };
  await operate(stage, { operation, writes: label });
};

/** Gets an order into a user's memory as an attacker would: by the user's own words. */
const plantMemory = (stage: Stage, home: Home, client: Client, text: string): Promise<void> => {
  const chance = new Chance('planted').fork(client.principal.membership, client.journeys);
  return ask(stage.sender, {
    client,
    home,
    chance,
    session: `planted-${chance.hex(33)}`,
    origin: 'plant-memory',
    task: 'talk',
    words: text,
    recalls: 'never',
    promptCharacters: 0,
    maxOutputTokens: 256,
  });
};

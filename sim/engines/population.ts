// Who lives in the simulated pool: tenants, users, patients and documents, as the harness planted them.

import type { Operation } from '../domain/directory.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Principal, TenantFacts } from '../domain/principal.ts';
import { Chance } from '../kernel/chance.ts';
import { populationTenant, type Scenario, type TenantPlan } from '../scenario/schema.ts';
import { zipfWeights } from '../traces/assign.ts';

/** Something that the operator plants, and the canary in it. */
export interface Planted {
  readonly id: string;
  readonly serial: number;
}

/** One life of a tenant with everything the harness planted in it. */
export interface Household {
  readonly facts: TenantFacts;
  readonly weight: number;
  readonly users: Principal[];
  readonly patients: readonly Planted[];
  readonly documents: Planted[];
  readonly configuration: Planted;
}

/** An order to the platform, and the label under which what it writes stands. */
export interface Order {
  readonly operation: Operation;
  readonly writes: number;
}

/** Every tenant plan of a scenario: the explicit ones, then the generated. */
export const tenantPlans = (scenario: Scenario): readonly TenantPlan[] => {
  const { population } = scenario;
  if (population === undefined) return scenario.tenants;
  const weights = zipfWeights(population.tenants, population.skew);
  // A tenant of middling size weighs 1, as one does that a scenario names.
  const middling = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const tiers = Object.entries(population.tiers);
  const generated = weights.map((weight, index): TenantPlan => {
    // Tiers by a low-discrepancy walk, so that small populations hold the shares too.
    const point = ((index + 0.5) * 0.6180339887498949) % 1;
    const tier =
      tiers[
        tierAt(
          tiers.map(([, share]) => share),
          point,
        )
      ] ?? tiers[0];
    return {
      id: populationTenant(index + 1),
      tier: tier?.[0] ?? '',
      zone: population.zones[index % population.zones.length] ?? 'UTC',
      weight: weight / middling,
      patients: population.patients,
      documents: population.documents,
      users: Object.entries(population.users).flatMap(([role, count]) =>
        Array.from({ length: count }, (_, number) => ({ id: `${role}.${number + 1}`, role })),
      ),
    };
  });
  return [...scenario.tenants, ...generated];
};

/** The index of the share in which a point in [0, 1) falls. */
const tierAt = (shares: readonly number[], point: number): number => {
  let left = point;
  return shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
};

/** Moves in one life of a tenant: its household, and the orders that make the platform hold it. */
export const moveIn = (
  plan: TenantPlan,
  life: number,
  ledger: Ledger,
  nowUs: number,
): { readonly household: Household; readonly orders: readonly Order[] } => {
  const incarnation = `${plan.id}:${life}`;
  const { tier, zone } = plan;
  const facts: TenantFacts = {
    id: plan.id,
    incarnation,
    zone,
    tier,
    status: 'active',
    changedUs: nowUs,
  };
  const everyone = ledger.label({ kind: 'tenant', incarnation });
  const clinical = ledger.label({ kind: 'tenant', incarnation, roles: ['physician', 'nurse'] });
  const orders: Order[] = [
    { operation: { kind: 'open-tenant', incarnation, name: plan.id, tier, zone }, writes: 0 },
  ];

  const users = plan.users.map(({ id, role }) => userOf(facts, id, role));
  for (const user of users) orders.push(openUser(user));
  const configuration = ledger.plant(everyone, 'configuration');
  orders.push({
    operation: {
      kind: 'put-configuration',
      incarnation,
      record: `opening hours 8 to 18 ${configuration.text}`,
    },
    writes: everyone,
  });
  const patients = Array.from({ length: plan.patients }, (_, index): Planted => {
    const id = `P${1001 + index}`;
    const canary = ledger.plant(clinical, 'record');
    const record = `patient ${id}, blood pressure 120/80 ${canary.text}`;
    orders.push({ operation: { kind: 'put-patient', incarnation, id, record }, writes: clinical });
    return { id, serial: canary.serial };
  });
  const documents = Array.from({ length: plan.documents }, (_, index): Planted => {
    const id = `guideline${index + 1}`;
    const canary = ledger.plant(clinical, 'document');
    const text = `${id}: wash hands before and after ${canary.text}`;
    orders.push({ operation: { kind: 'put-document', incarnation, id, text }, writes: clinical });
    return { id, serial: canary.serial };
  });
  const household = {
    facts,
    weight: plan.weight,
    users,
    patients,
    documents,
    configuration: { id: 'CONFIG', serial: configuration.serial },
  };
  return { household, orders };
};

/** A user of a tenant. The sign-in name holds the incarnation, so that it is unique over the pool. */
export const userOf = (tenant: TenantFacts, id: string, role: string): Principal => ({
  tenant,
  user: id,
  username: `${id}@${tenant.incarnation.replace(':', '.')}.example`,
  role,
  membership: `${tenant.incarnation}/${id}`,
});

export const openUser = (user: Principal): Order => ({
  operation: {
    kind: 'open-user',
    incarnation: user.tenant.incarnation,
    username: user.username,
    password: passwordOf(user),
    role: user.role,
  },
  writes: 0,
});

/** A password that the name fixes; only the harness ever types it. */
export const passwordOf = (user: Principal): string =>
  new Chance(`password ${user.username}`).hex(16);

// What does a sound document mean: the plain scenario, times counted from the epoch.

import type { LimitContract } from '../domain/limit.ts';
import { readLoad } from './arrivals-form.ts';
import type { ChangeForm, Document, TenantForm } from './document.ts';
import { moveOf } from './moves-form.ts';
import type { Names } from './names.ts';
import {
  type Change,
  type Choice,
  type Fault,
  type Observation,
  PROBE_KINDS,
  type Scenario,
  type Stream,
  type TenantPlan,
  type TierPlan,
} from './schema.ts';
import { readThresholds } from './thresholds.ts';

export const scenarioOf = (document: Document, names: Names): Scenario => {
  const { start: startUs, duration: durationUs } = document;
  const { name, title, seed, hosting, behaviour, roles, tenants, population, probes } = document;
  const kinds = probes?.kinds ?? [];
  return {
    name,
    title,
    startUs,
    durationUs,
    endUs: startUs + durationUs,
    seed,
    hosting,
    behaviour,
    roles,
    tiers: Object.fromEntries(
      Object.entries(document.tiers).map(([tier, form]) => [tier, tierOf(form)]),
    ),
    tenants: tenants.map(tenantOf),
    population,
    entitlements: document.entitlements.map(({ hours, ...rest }) => ({
      ...rest,
      hours: hours === undefined ? undefined : { fromMinutes: hours.from, toMinutes: hours.to },
    })),
    traffic: document.traffic.map((stream) => streamOf(stream, startUs, durationUs)),
    probes:
      probes === undefined
        ? undefined
        : { everyUs: probes.every, kinds: kinds === 'all' ? PROBE_KINDS : [...new Set(kinds)] },
    changes: document.changes
      .map((change) => changeOf(change, startUs))
      .sort((a, b) => a.atUs - b.atUs),
    faults: document.faults.map((fault) => faultOf(fault, startUs)),
    moves: document.moves.map(moveOf),
    observer: observationOf(document.observer),
    thresholds: readThresholds(document.thresholds, names),
    expects: [...new Set(document.expects)],
  };
};

const tierOf = ({ model, wire, rate, quota }: Document['tiers'][string]): TierPlan => {
  const limits: LimitContract = {
    ...(rate === undefined ? {} : { rate }),
    ...(quota === undefined ? {} : { quota }),
  };
  return { model, wire, limits };
};

const observationOf = (form: Document['observer']): Observation | undefined => {
  if (typeof form !== 'string') return form && { ...form, user: form.user };
  return { tenants: [form], user: undefined, others: 'removed', resources: 'shared' };
};

const tenantOf = (form: TenantForm): TenantPlan => form;

type StreamForm = Document['traffic'][number];

const streamOf = (form: StreamForm, startUs: number, durationUs: number): Stream => ({
  name: form.name,
  tenants: choiceOf(form.tenants),
  load: readLoad(form),
  mix: form.mix,
  turns: form.turns,
  pauseUs: form.pause,
  promptCharacters: form.promptCharacters,
  window: { fromUs: startUs + (form.from ?? 0), toUs: startUs + (form.to ?? durationUs) },
  maxOutputTokens: form.maxOutputTokens,
});

const choiceOf = (form: StreamForm['tenants']): Choice => {
  if (form === 'all') return { kind: 'all' };
  if (Array.isArray(form)) return { kind: 'tenants', tenants: [...new Set(form)] };
  return { kind: 'tier', tier: form.tier };
};

const changeOf = ({ at, ...change }: ChangeForm, startUs: number): Change => {
  const atUs = startUs + at;
  if (change.kind !== 'onboard') return { atUs, ...change };
  const { kind, tenant, ...rest } = change;
  return { atUs, kind, tenant, plan: tenantOf({ id: tenant, ...rest }) };
};

const faultOf = (form: Document['faults'][number], startUs: number): Fault => {
  const fromUs = startUs + form.at;
  const { service, model } = form;
  const place = { fromUs, toUs: fromUs + form.for, service, model };
  if (form.kind === 'slow') return { ...place, kind: form.kind, factor: form.factor };
  if (form.kind === 'failing') return { ...place, kind: form.kind, share: form.share };
  return { ...place, kind: form.kind };
};

// Is the catalogue of seeded faults what it says of itself, and does each script show its harm?

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT, readCedar, readIam } from '../sim/cli/files.ts';
import type { Verdict } from '../sim/domain/finding.ts';
import { type Platform, type PlatformKit, SERVICE_NAMES } from '../sim/domain/ports.ts';
import { HEALTHCARE_TOOLS } from '../sim/domain/tool.ts';
import { judgedOf } from '../sim/engines/kill.ts';
import { peopleOf, TENANTS } from '../sim/engines/programs.ts';
import { deploymentOf } from '../sim/engines/stand-up.ts';
import { type Judge, judgeOf } from '../sim/engines/verify.ts';
import {
  FAULT_CLASSES,
  FAULTS,
  faultOf,
  type SeededFault,
  TRAITS,
  type Trait,
} from '../sim/faults.ts';
import { REFERENCE_RULES, reference } from '../sim/platforms/reference.ts';
import { faultsReport } from '../sim/report.ts';
import type { Move } from '../sim/scenario/move.ts';
import { loadScenario } from '../sim/scenario.ts';
import { SCENARIOS } from './broken/scenarios.ts';

const FOLDER = join(PACKAGE_ROOT, 'policies');
const POLICIES = { cedarFiles: readCedar(FOLDER), iamDocuments: readIam(FOLDER) };

const having = (trait: Trait): readonly SeededFault[] =>
  FAULTS.filter(({ traits }) => traits.includes(trait));

test('there are 72 faults at least, in 14 classes at least', () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(72);
  expect(new Set(FAULTS.map((fault) => fault.class)).size).toBeGreaterThanOrEqual(14);
  expect(FAULT_CLASSES).toEqual(expect.arrayContaining(FAULTS.map((fault) => fault.class)));
});

test('an id is in words, names one fault, and finds it', () => {
  const ids = FAULTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)+$/.test(id))).toEqual([]);
  for (const fault of FAULTS) expect(faultOf(fault.id)).toBe(fault);
  expect(() => faultOf('no-such-fault')).toThrow('no fault is called `no-such-fault`');
});

test('no two faults have one mechanism at one boundary', () => {
  const pairs = FAULTS.map(({ boundary, mechanism }) => `${boundary}: ${mechanism}`);
  expect(pairs.filter((pair, index) => pairs.indexOf(pair) !== index)).toEqual([]);
  expect(pairs.length).toBeGreaterThanOrEqual(56);
});

test('what a fault does is said once, in a sentence without a full stop', () => {
  const said = FAULTS.map(({ does }) => does);
  expect(new Set(said).size).toBe(said.length);
  expect(said.filter((does) => !/ .*[^.\n]$/.test(does))).toEqual([]);
});

test.each<readonly [Trait, number]>([
  ['no canary shows it', 16],
  ['needs concurrency', 11],
  ['needs time or a life-cycle step', 11],
  ['only in telemetry or cost', 7],
  ['only under a service fault', 7],
  ['within one tenant', 5],
])('the trait `%s` is that of %i faults at least', (trait, least) => {
  expect(TRAITS).toContain(trait);
  expect(having(trait).length).toBeGreaterThanOrEqual(least);
});

test.each(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10'] as const)(
  '%s is broken by three faults at least',
  (promise) => {
    const breaking = FAULTS.filter((fault) => fault.promise === promise);
    expect(breaking.length).toBeGreaterThanOrEqual(3);
  },
);

const outsider = (): never => {
  throw new Error('nobody calls');
};
const KIT: PlatformKit = {
  deployment: deploymentOf(loadScenario(SCENARIOS.day, 'day.yaml')),
  policy: { decide: outsider, mayList: outsider },
  iamDocuments: POLICIES.iamDocuments,
  tools: HEALTHCARE_TOOLS,
  keys: { current: () => 'a key', rotate: () => {} },
  outside: { model: outsider, web: outsider },
  spanProcessors: [],
};

/** The source text of each part: what a platform shares with the reference is of the same text. */
const partsOf = (platform: Platform): readonly string[] => [
  ...SERVICE_NAMES.map((name) => `${name} ${platform.services[name]}`),
  `policy ${platform.policy.decide}`,
  `access ${platform.access.authorize}`,
  `front door's limiter ${platform.limiters['front-door'].admit}`,
  `gateway's limiter ${platform.limiters.gateway.admit}`,
  `operate ${platform.operate}`,
];

test.each(FAULTS)('$id is the reference but for what it changes', ({ make }) => {
  const [broken, sound] = [make(KIT), reference(KIT)];
  expect(Object.keys(broken.services)).toEqual(Object.keys(sound.services));
  expect(broken.rules).toBe(REFERENCE_RULES);
  expect(broken.services.model).toBe(KIT.outside.model);
  expect(broken.services.web).toBe(KIT.outside.web);
  const known = partsOf(sound);
  const changed = partsOf(broken).filter((part, index) => part !== known[index]);
  expect(changed.length).toBeLessThanOrEqual(2);
});

const judgesOf = (platform: SeededFault['make']): Judge => judgeOf({ platform, ...POLICIES });
const onReference = judgesOf(reference);

const verdictsOf = async (
  judge: Judge,
  moves: readonly Move[],
  observer?: SeededFault['observer'],
): Promise<ReadonlyMap<string, Verdict['findings']>> => {
  const program = { seed: 1, hosting: 'microvm', limits: 'usual', tenants: TENANTS } as const;
  const verdicts = await judge({ ...program, moves, observer });
  return new Map(
    verdicts
      .filter(({ findings }) => findings.length > 0)
      .map(({ promise, findings }) => [promise, findings]),
  );
};

/** What the script of a fault shows, played once. */
const shownBy = ({ id, make, script, observer }: SeededFault): ReturnType<typeof verdictsOf> => {
  const found = played.get(id) ?? verdictsOf(judgesOf(make), script, observer);
  played.set(id, found);
  return found;
};
const played = new Map<string, ReturnType<typeof verdictsOf>>();

const idsIn = (verdicts: ReadonlyMap<string, Verdict['findings']>): readonly string[] =>
  [...verdicts.values()].flatMap((findings) => findings.map(({ id }) => id));

test.each(FAULTS)(
  'the script of $id breaks $promise, the same way each time, and not on the reference',
  async (fault) => {
    const { make, script, promise, implies, observer } = fault;
    const found = await shownBy(fault);
    expect([...found.keys()]).toContain(promise);
    expect([promise, ...implies]).toEqual(expect.arrayContaining([...found.keys()]));
    // A fault remembers only what its own platform went through.
    expect(idsIn(await verdictsOf(judgesOf(make), script, observer))).toEqual(idsIn(found));
    expect(idsIn(await verdictsOf(onReference, script, observer))).toEqual([]);
  },
);

/** The report on the catalogue by what its scripts show, as if no check of `missing` were there. */
const reportWithout = async (missing?: string) => {
  const judged = FAULTS.map(async (fault) => {
    const caughtBy = [...(await shownBy(fault)).keys()].filter((promise) => promise !== missing);
    const attributed = caughtBy.includes(fault.promise);
    const executions = [caughtBy.length > 0 ? 1 : undefined];
    return judgedOf({ fault, caughtBy, attributed, executions, shrunk: undefined, usual: false });
  });
  return faultsReport(await Promise.all(judged), {
    version: '0.0.0',
    control: { programs: 1, findings: 0 },
    partial: false,
    seeds: [1],
    budget: 1,
    replay: 'npx poolproof faults',
  });
};

test('with every check the report on the scripts of the catalogue passes', async () => {
  const report = await reportWithout();
  expect(report).toMatchObject({ exitCode: 0, unattributed: [], silent: [] });
  expect(report.attributed).toBe(FAULTS.length);
});

test.each([...new Set(FAULTS.map(({ promise }) => promise))])(
  'without the check of %s the report on the scripts of the catalogue fails, and says so',
  async (missing) => {
    const meant = FAULTS.filter(({ promise }) => promise === missing).map(({ id }) => id);
    const report = await reportWithout(missing);
    expect(report).toMatchObject({ exitCode: 1, unattributed: meant, silent: [missing] });
    expect(report.sentence).toContain(`${meant.length} never reported by that check`);
    expect(report.sentence).toContain(`silent: the check of ${missing};`);
  },
);

/** Without the change that brings somebody, they have nothing to do there. */
const isThereAtFirst = (move: Move): boolean =>
  move.do !== 'ask' ||
  peopleOf(TENANTS).some(({ tenant, user }) => tenant === move.by.tenant && user === move.by.user);

/** The script without what the trait says is needed; far enough apart that nothing overlaps. */
const WITHOUT: Partial<Readonly<Record<Trait, (script: readonly Move[]) => readonly Move[]>>> = {
  'needs concurrency': (script) =>
    script.map((move) => ({ ...move, together: false, afterUs: move.afterUs + 30_000_000 })),
  'needs time or a life-cycle step': (script) =>
    script
      .filter((move) => move.do !== 'change' && isThereAtFirst(move))
      .map((move) => ({ ...move, afterUs: 0 })),
  'only under a service fault': (script) => script.filter((move) => move.do !== 'break'),
};

const needs = TRAITS.flatMap((trait) => {
  const change = WITHOUT[trait];
  return change === undefined
    ? []
    : having(trait).map(({ id, make, script, promise, observer }) => ({
        id,
        make,
        promise,
        observer,
        trait,
        less: change(script),
      }));
});

test.each(needs)(
  '$id is not seen without what `$trait` says',
  async ({ make, less, promise, observer }) => {
    expect([...(await verdictsOf(judgesOf(make), less, observer)).keys()]).not.toContain(promise);
  },
);

test.each(having('no canary shows it'))('no canary shows $id', async (fault) => {
  const found = await shownBy(fault);
  const titles = (found.get('I1') ?? []).map(({ violation }) => violation.title);
  expect(titles.filter((title) => !/^(a bearer token|credentials) in /.test(title))).toEqual([]);
});

test.each(having('only in telemetry or cost'))(
  '$id shows in telemetry or cost alone',
  async (fault) => {
    const found = await shownBy(fault);
    const sinks = [...found.values()].flat().map(({ violation }) => violation.sink);
    expect(['span', 'log', 'usage', 'price', 'model', 'baggage']).toEqual(
      expect.arrayContaining(sinks),
    );
  },
);

test.each(having('within one tenant'))('$id needs nobody of another tenant', ({ script }) => {
  const people = script.flatMap((move) =>
    move.do === 'try' ? [move.by, move.of] : move.do === 'ask' ? [move.by] : [],
  );
  expect(new Set(people.map((one) => one?.tenant)).size).toBe(1);
});

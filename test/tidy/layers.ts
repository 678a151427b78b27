// Who may import whom: one table of layers, doors with their cellars, and no way round in a circle.

import { isHouse, type Rule } from './house.ts';
import type { Import, Source } from './source.ts';

const CORE = ['sim/kernel', 'sim/domain'];
const PLATFORM = [...CORE, 'sim/protocol', 'sim/services'];
const JUDGES = ['sim/checks', 'sim/measures'];

const ENGINE = [
  ...PLATFORM,
  'sim/platforms',
  'sim/faults',
  'sim/traces',
  'sim/scenario',
  'sim/limiters',
  ...JUDGES,
  'mocks',
];

/**
 * What each layer may import besides itself. kernel ◀ domain ◀ protocol ◀ services ◀ platforms ◀
 * engines ◀ cli; checks, measures and report judge a history, never a running platform.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'sim/kernel': [],
  'sim/domain': ['sim/kernel'],
  'sim/protocol': CORE,
  'sim/services': [...CORE, 'sim/protocol'],
  'sim/platforms': PLATFORM,
  'sim/traces': CORE,
  'sim/scenario': [...CORE, 'sim/traces'],
  'sim/checks': CORE,
  'sim/measures': CORE,
  // A report reads waivers, and a mistake in one is placed and worded as in a scenario.
  'sim/report': [...CORE, 'sim/scenario'],
  // Limiters under test know what was promised, never who judges them.
  'sim/limiters': [...CORE, 'sim/protocol'],
  // A bench of its own: policies and questions about them, without a platform.
  'sim/policy': [...CORE, 'sim/protocol', 'sim/scenario', 'sim/report'],
  mocks: CORE,
  'sim/faults': [...PLATFORM, 'sim/platforms', 'sim/scenario'],
  'sim/engines': ENGINE,
  // Both stand on the wall clock: one opens a platform to the network, the other calls one over it.
  'sim/server': [...ENGINE, 'sim/engines'],
  'sim/load': [...ENGINE, 'sim/engines', 'sim/server', 'sim/report'],
};

/** The files above all layers: they wire the rest and may import all of it. */
const ABOVE = /^sim\/(cli\/.*|cli\.ts|index\.ts|vitest\.ts|poolproof\.mjs)$/;

/** Files inside a folder with a door that others may import all the same, and why. */
const OPEN_CELLARS: Readonly<Record<string, string>> = {
  'sim/scenario/schema.ts': 'the scenario as a noun: every engine plays one',
  'sim/scenario/move.ts': 'a move as a noun: faults script them, engines play them',
  'sim/scenario/arrivals.ts': 'the arrivals that a scenario describes, drawn by the traffic',
  'sim/scenario/wording.ts': 'one wording for the mistakes of every document, waivers included',
  'sim/scenario/positions.ts': 'one way to say where in a document a mistake stands',
  'sim/scenario/forms.ts': 'one form of instants and names in every document',
  'sim/report/form.ts': 'one way to say the form of a JSON, for the reports on policies, too',
  'sim/report/table.ts': 'one look for every table and paragraph',
  'sim/report/numbers.ts': 'one way to write figures',
  'sim/report/junit.ts': 'one way to write for build servers',
  'sim/measures/limiter-judge/busiest-window.ts': 'the worst stretch, which a finding words',
};

/** Imports between services: types only, for what one hands to the other through the platform. */
const SERVICE_TYPES: readonly string[] = ['sim/services/agent.ts -> sim/services/runtime.ts'];

/** Types that close a circle and are to move: this list may only get shorter. */
const TYPE_CIRCLES: readonly string[] = [
  'sim/traces/azure.ts -> sim/traces/decode.ts',
  'sim/traces/mooncake.ts -> sim/traces/decode.ts',
];

export const importsPointAtWhatIsKnown: Rule = (sources) =>
  complaints(sources, (source, { to }) => {
    const own = layerOf(source.path);
    const other = layerOf(to);
    if (own === 'above' || other === own) return;
    if (own === undefined) return 'belongs to no layer, give it a row in test/tidy/layers.ts';
    if (LAYERS[own]?.includes(other ?? '')) return;
    const may = ['itself', ...(LAYERS[own] ?? [])].join(', ');
    return `${to} is banned in ${own}, which may import ${may}: take it as an argument`;
  });

export const servicesImportNoOther: Rule = (sources) =>
  complaints(sources, (source, { to, typeOnly }) => {
    if (layerOf(source.path) !== 'sim/services' || layerOf(to) !== 'sim/services') return;
    if (typeOnly && SERVICE_TYPES.includes(edge(source.path, to))) return;
    return `${to} is banned in another service, send a call through its hop or share it in protocol`;
  });

export const onlyDoorsOpenCellars: Rule = (sources) => {
  const paths = new Set(sources.map(({ path }) => path));
  const used = new Set<string>();
  const found = complaints(sources, (source, { to }) => {
    const door = doorsOf(to).find(
      (path) => paths.has(path) && path !== source.path && !inCellarOf(path, source.path),
    );
    if (door === undefined || layerOf(source.path) === 'above') return;
    if (OPEN_CELLARS[to] === undefined) return `${to} is a part of ${door}, import it from there`;
    used.add(to);
    return;
  });
  const stale = Object.keys(OPEN_CELLARS).filter((path) => paths.has(path) && !used.has(path));
  return [...found, ...stale.map((path) => `${path}: nobody needs it open, close it in layers.ts`)];
};

export const importsMakeNoCircle: Rule = (sources) => {
  const graph = new Map(
    sources.filter(isHouse).map((source) => {
      const all = source.imports.map(({ to }) => to);
      return [source.path, all.filter((to) => !TYPE_CIRCLES.includes(edge(source.path, to)))];
    }),
  );
  const stale = TYPE_CIRCLES.filter((listed) => {
    const [from = '', to = ''] = listed.split(' -> ');
    return graph.has(from) && graph.has(to) && pathBetween(graph, to, from) === undefined;
  });
  const circles = [...graph.keys()].flatMap((path) => {
    const way = pathBetween(graph, path, path);
    // Each circle is told once, by its first file.
    return way === undefined || way.some((other) => other < path) ? [] : [way];
  });
  return [
    ...circles.map((way) => `${way.join(' -> ')}: a circle, move what both need to a third file`),
    ...stale.map((listed) => `${listed}: no circle any more, take it out of layers.ts`),
  ];
};

const complaints = (
  sources: readonly Source[],
  complaint: (source: Source, imported: Import) => string | undefined,
): readonly string[] =>
  sources.filter(isHouse).flatMap((source) =>
    source.imports.filter(isOwn).flatMap((imported) => {
      const said = complaint(source, imported);
      return said === undefined ? [] : [`${source.path}:${imported.line}: ${said}`];
    }),
  );

const isOwn = ({ to }: Import): boolean => /\.(ts|mjs|json)$/.test(to) && to.includes('/');

const edge = (from: string, to: string): string => `${from} -> ${to}`;

const layerOf = (path: string): string | undefined => {
  if (ABOVE.test(path)) return 'above';
  const name = /^(mocks|sim\/[^/.]+)/.exec(path)?.[1] ?? '';
  return LAYERS[name] === undefined ? undefined : name;
};

/** The doors of every folder on the way, the outermost first: `a/b.ts` for `a/b/c.ts`. */
const doorsOf = (path: string): readonly string[] =>
  [...path.matchAll(/\//g)].map(({ index }) => `${path.slice(0, index)}.ts`);

const inCellarOf = (door: string, path: string): boolean =>
  path.startsWith(`${door.slice(0, -'.ts'.length)}/`);

/** The shortest way along imports, both ends included, or undefined. */
const pathBetween = (
  graph: ReadonlyMap<string, readonly string[]>,
  from: string,
  to: string,
): readonly string[] | undefined => {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[from]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) =>
      (graph.get(way.at(-1) ?? '') ?? []).map((next) => [...way, next]),
    );
    const arrived = longer.find((way) => way.at(-1) === to);
    if (arrived !== undefined) return arrived;
    ways = longer.filter((way) => {
      const last = way.at(-1) ?? '';
      if (seen.has(last)) return false;
      seen.add(last);
      return true;
    });
  }
  return undefined;
};

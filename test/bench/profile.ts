// In which part of the house does a run spend its time: a CPU profile, grouped by folders?

import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { nameJson } from './json.ts';

/**
 * The first pattern that the file of a frame matches names its group; frames that match none, such
 * as Node's own, count for their caller.
 */
const GROUPS: readonly (readonly [pattern: RegExp, group: string])[] = [
  [/\/test\/bench\/json\.ts$/, 'JSON, written and read'],
  [/\/aws-jwt-verify\//, 'bearer tokens, verifying signatures'],
  [/\/sim\/protocol\/signing\.ts$/, 'bearer tokens, signing'],
  [/^wasm:|\/@cedar-policy\//, 'Cedar itself'],
  [/\/sim\/protocol\/cedar/, 'protocol: Cedar’s questions and cache'],
  [/\/sim\/protocol\/iam/, 'protocol: IAM'],
  [/\/@opentelemetry\//, 'OpenTelemetry'],
  [/\/sim\/protocol\/(tracing|baggage)\.ts$/, 'protocol: spans, logs and baggage'],
  [/\/sim\/protocol\//, 'protocol: the rest'],
  [/\/sim\/(services|platforms)\//, 'services'],
  [/\/mocks\//, 'mocked models and web'],
  [/\/sim\/domain\/canary\.ts$/, 'domain: canaries'],
  [/\/sim\/domain\/event-text\.ts$/, 'digest: events as text'],
  [/\/sim\/kernel\/digest\.ts$/, 'digest: hashing'],
  [/\/sim\/domain\//, 'domain: the rest'],
  [/\/sim\/kernel\//, 'kernel'],
  [/\/sim\/checks/, 'checks'],
  [/\/sim\/measures/, 'measures'],
  [/\/sim\/(engines|scenario|traces)/, 'engines: recorders, clients, traffic'],
  [/\/node_modules\//, 'other packages'],
  // Not the watch on signatures, which passes on what it is called for.
  [/\/test\/bench\/(?!signatures)/, 'the bench itself'],
];

const LOOP = 'Node: its loop and promises';
const COLLECTOR = 'garbage collector';

const SAMPLED_EVERY_US = 200;

/** Processor µs by group, and what the work gave back. */
export const profiled = async <T>(
  work: () => Promise<T>,
): Promise<{ readonly groups: ReadonlyMap<string, number>; readonly result: T }> => {
  const session = new Session();
  session.connect();
  const restore = nameJson();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLED_EVERY_US });
    await session.post('Profiler.start');
    const result = await work();
    const { profile } = await session.post('Profiler.stop');
    return { groups: grouped(profile), result };
  } finally {
    restore();
    session.disconnect();
  }
};

const grouped = (profile: Profiler.Profile): ReadonlyMap<string, number> => {
  const names = groupNames(profile);
  const times = new Map<string, number>();
  const { samples = [], timeDeltas = [] } = profile;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id);
    if (name === undefined) continue;
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return times;
};

/** The group of each node, by its id; none for time in which nothing ran but the profiler. */
const groupNames = ({ nodes }: Profiler.Profile): ReadonlyMap<number, string> => {
  const names = new Map<number, string>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const left = nodes.slice(0, 1).map((node) => ({ node, callers: LOOP }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { node, callers } = next;
    const { url, functionName } = node.callFrame;
    if (functionName === '(idle)' || url === 'node:inspector') continue;
    const own = functionName === '(garbage collector)' ? COLLECTOR : groupOf(url);
    const name = own ?? callers;
    names.set(node.id, name);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) left.push({ node: child, callers: name });
    }
  }
  return names;
};

const groupOf = (url: string): string | undefined =>
  GROUPS.find(([pattern]) => pattern.test(url))?.[1];

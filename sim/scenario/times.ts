// Does everything happen within the run, and nothing end before it begins?

import { isRecord } from '../domain/wire.ts';
import { formatDuration, parseDurationUs } from './duration.ts';
import { find } from './names.ts';
import type { Path, Problem } from './wording.ts';
import { problem, shown } from './wording.ts';

/** Works on any data; times that are none, or a run without a length, are left to others. */
export const timeProblems = (data: unknown): Problem[] => {
  const runUs = timeOf(data, 'duration');
  if (runUs === undefined) return [];
  return [
    ...find(data, 'traffic[]').flatMap(({ path, value }) => windowProblems(path, value, runUs)),
    ...find(data, 'changes[]').flatMap(({ path, value }) => startProblems(path, value, runUs)),
    ...find(data, 'faults[]').flatMap(({ path, value }) => faultProblems(path, value, runUs)),
    ...roundProblems(data, runUs),
  ];
};

const windowProblems = (path: Path, stream: unknown, runUs: number): Problem[] => {
  const fromUs = timeOf(stream, 'from') ?? 0;
  const toUs = timeOf(stream, 'to') ?? runUs;
  if (fromUs >= runUs) return [outside([...path, 'from'], stream, runUs)];
  if (toUs > runUs) return [outside([...path, 'to'], stream, runUs)];
  if (fromUs < toUs) return [];
  return [problem([...path, 'to'], 'is not after `from`')];
};

const startProblems = (path: Path, change: unknown, runUs: number): Problem[] =>
  (timeOf(change, 'at') ?? 0) < runUs ? [] : [outside([...path, 'at'], change, runUs)];

const faultProblems = (path: Path, fault: unknown, runUs: number): Problem[] => {
  const atUs = timeOf(fault, 'at');
  const forUs = timeOf(fault, 'for');
  if (atUs === undefined) return [];
  if (atUs >= runUs) return [outside([...path, 'at'], fault, runUs)];
  if (forUs === undefined || atUs + forUs <= runUs) return [];
  const most = formatDuration(runUs - atUs);
  const message = `ends after the run, which lasts \`${formatDuration(runUs)}\``;
  return [problem([...path, 'for'], message, `at most \`${most}\``)];
};

const roundProblems = (data: unknown, runUs: number): Problem[] => {
  const [probes] = find(data, 'probes');
  const everyUs = timeOf(probes?.value, 'every') ?? 0;
  if (everyUs < runUs) return [];
  return [outside(['probes', 'every'], probes?.value, runUs)];
};

const outside = (path: Path, holder: unknown, runUs: number): Problem => {
  const key = path.at(-1) ?? '';
  const found = isRecord(holder) ? holder[key] : undefined;
  const run = `the run lasts \`${formatDuration(runUs)}\``;
  return problem(path, `${shown(found)} is outside the run`, run);
};

const timeOf = (holder: unknown, key: string): number | undefined => {
  const value = isRecord(holder) ? holder[key] : undefined;
  return typeof value === 'string' ? parseDurationUs(value) : undefined;
};

// What was typed to `poolproof load`, understood, or complained of?

import { formatDuration, parseDurationUs } from '../../scenario.ts';
import type { Complaints } from '../options.ts';
import type { LoadFlags } from './loaded.ts';

/** Times in microseconds, undefined where not said; every mistake goes to the complaints. */
export const understood = (
  flags: LoadFlags,
  complaints: Complaints,
): { readonly durationUs: number | undefined; readonly saturateUs: number | undefined } => {
  complaints.count('--in-flight', flags.inFlight);
  complaints.count('--connections', flags.connections);
  complaints.count('--replicas', flags.replicas);
  if (flags.calibrate === true && flags.replicas !== '1')
    complaints.wrong('--calibrate', 'with several front doors', '`--replicas 1`');
  if (flags.limiter !== undefined && !['local', 'redis'].includes(flags.limiter))
    complaints.wrong('--limiter', flags.limiter, '`local` or `redis`');
  else if (flags.limiter !== undefined && flags.replicas === '1')
    complaints.wrong('--limiter', 'with one front door', '`--replicas 2` or more');

  if (flags.stdout !== undefined && flags.stdout !== 'json')
    complaints.wrong('--stdout', flags.stdout, '`json`');
  const timeOf = (option: string, text: string | undefined, leastUs: number) => {
    if (text === undefined) return undefined;
    const us = parseDurationUs(text);
    if (us === undefined || us < leastUs)
      complaints.wrong(
        option,
        text,
        `a duration of ${formatDuration(leastUs)} or more, such as \`30s\``,
      );
    return us;
  };
  return {
    durationUs: timeOf('--duration', flags.duration, 1000),
    saturateUs: timeOf('--saturate', flags.saturate, 2_000_000),
  };
};

// What depends on where a run takes place: its process, directory, environment, zone or language?

import { existsSync, realpathSync } from 'node:fs';
import type { Hop } from '../../sim/domain/ports.ts';
import { answering, closing, delaying, listing, logging, type Source } from './plant.ts';

/** The language of the machine. Upper and lower case obey it only when it is named (Node 20). */
const language = (): string => new Intl.NumberFormat().resolvedOptions().locale;
/** Names that a Turk sorts otherwise than an American. */
const NAMES = ['cz', 'ça', 'di', 'dı', 'iz', 'ıa', 'oz', 'öa', 'sz', 'şa'];

/** The instant of the simulation, as the machine's own calendar has it. */
const today = (hop: Hop): Date => new Date(hop.nowUs() / 1000);

const PROCESS: readonly Source[] = [
  {
    what: 'process.pid',
    way: answering,
    service: 'front-door',
    value: () => () => `${process.pid}`,
  },
  {
    what: 'process.argv in a log line',
    way: logging,
    service: 'gateway',
    value: () => () => process.argv.join(' '),
  },
  {
    what: 'performance.timeOrigin as the name of an instance',
    way: answering,
    service: 'front-door',
    value: () => () => `${performance.timeOrigin}`,
  },
  {
    what: 'process.cwd in a log line',
    way: logging,
    service: 'tools',
    value: () => () => process.cwd(),
  },
  {
    what: 'a file that is there or not beside the working directory',
    way: closing,
    service: 'table',
    value: () => () => (existsSync('vitest.config.ts') ? 'open' : 'closed'),
  },
  {
    what: 'the message of an error, with a path in it',
    way: answering,
    service: 'model',
    value: () => () => {
      try {
        return realpathSync('no-such-settings.json');
      } catch (problem) {
        return (problem as Error).message;
      }
    },
  },
  {
    what: 'process.env in a delay',
    way: delaying,
    service: 'runtime',
    value: () => () => `${process.env['LC_ALL']}`,
  },
];

const ZONE: readonly Source[] = [
  {
    what: 'opening hours by Date#getHours',
    way: closing,
    service: 'gateway',
    value: () => (hop) => (today(hop).getHours() < 8 ? 'closed' : 'open'),
  },
  {
    what: 'Date#toString in a log line',
    way: logging,
    service: 'gateway',
    value: () => (hop) => `${today(hop)}`,
  },
  {
    what: 'a text without a zone, read by Date',
    way: answering,
    service: 'runtime',
    value: () => () => `${new Date('2026-03-02T08:00:00').getTime()}`,
  },
  {
    what: 'the zone that Intl takes by itself',
    way: answering,
    service: 'front-door',
    value: () => () => new Intl.DateTimeFormat('en-GB').resolvedOptions().timeZone,
  },
];

const LANGUAGE: readonly Source[] = [
  {
    what: 'Number#toLocaleString',
    way: answering,
    service: 'front-door',
    value: () => () => (0.5).toLocaleString(undefined, { style: 'percent' }),
  },
  {
    what: 'Date#toLocaleDateString',
    way: logging,
    service: 'tools',
    value: () => (hop) =>
      today(hop).toLocaleDateString(undefined, { month: 'long', timeZone: 'UTC' }),
  },
  {
    what: 'String#toLocaleUpperCase in the name of a header',
    way: answering,
    service: 'runtime',
    value: () => () => 'authorization'.toLocaleUpperCase(language()),
  },
  {
    what: 'String#toLocaleLowerCase in a comparison',
    way: closing,
    service: 'table',
    value: () => () => ('CLINIC'.toLocaleLowerCase(language()) === 'clinic' ? 'open' : 'closed'),
  },
  {
    what: 'Array.sort by localeCompare',
    way: listing,
    service: 'tools',
    value: () => () => [...NAMES].sort((a, b) => a.localeCompare(b)).join(),
  },
  {
    what: 'Array.sort by Intl.Collator',
    way: delaying,
    service: 'tools',
    value: () => () => [...NAMES].sort(new Intl.Collator().compare).join(),
  },
  {
    what: 'Intl.ListFormat of the default language',
    way: logging,
    service: 'gateway',
    value: () => () => new Intl.ListFormat().format(['a', 'b']),
  },
];

/** Seen by all who do not happen to work where the second run does, in Auckland and in Turkish. */
export const WHEREABOUTS: readonly Source[] = [...PROCESS, ...ZONE, ...LANGUAGE];

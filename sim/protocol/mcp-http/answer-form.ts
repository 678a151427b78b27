// In which form does an MCP client want its answer: one JSON object, or a stream of one event?

import type { Reply } from '../../domain/wire.ts';

export type AnswerForm = 'json' | 'event-stream';

/**
 * The form by an `accept` header, which must allow both: the one of greater weight, else the one
 * named first. `undefined` when one of them is not accepted.
 */
export const acceptedForm = (accept: string | undefined): AnswerForm | undefined => {
  const ranges = (accept ?? '').split(',').map(rangeOf);
  const asJson = weightOf(ranges, 'application', 'json');
  const asEvents = weightOf(ranges, 'text', 'event-stream');
  if (asJson === undefined || asEvents === undefined) return undefined;
  if (asJson.weight !== asEvents.weight)
    return asJson.weight > asEvents.weight ? 'json' : 'event-stream';
  return asJson.place <= asEvents.place ? 'json' : 'event-stream';
};

/** The answer as a stream that ends with it. */
export const eventStream = ({ status, headers, body }: Reply): Reply => {
  return {
    status,
    headers: [
      ['content-type', 'text/event-stream'],
      ['cache-control', 'no-cache'],
      ...headers.filter(([name]) => name !== 'content-type'),
    ],
    body: `event: message\ndata: ${body}\n\n`,
  };
};

interface Range {
  readonly type: string;
  readonly weight: number;
  readonly place: number;
}

const rangeOf = (text: string, place: number): Range => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, weight: weight === undefined ? 1 : Number(weight), place };
};

/** The most specific range that covers a media type; `undefined` where it is refused or not named. */
const weightOf = (ranges: readonly Range[], type: string, subtype: string): Range | undefined => {
  const names = [`${type}/${subtype}`, `${type}/*`, '*/*'];
  const found = names.flatMap((name) => ranges.filter((range) => range.type === name))[0];
  return found !== undefined && found.weight > 0 ? found : undefined;
};

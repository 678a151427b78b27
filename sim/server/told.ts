// What does one process of the harness tell another of a call, so that it is believed?

import type { RequestFacts } from '../domain/history.ts';
import { type Call, header } from '../domain/wire.ts';
import { type Told, toldOf } from '../engines/live.ts';
import type { Elsewhere } from './hop-wire.ts';
import type { ServerSurroundings } from './surroundings.ts';

/** Carries what a trusted driver says of a call: the secret, a dot, and `Told` as base64url of JSON. */
export const TOLD_HEADER = 'x-poolproof-request';

/** What a driver says, where it knows the secret. */
export const toldIn = ({ headers }: Call, secret: string): Told | undefined => {
  const text = header(headers, TOLD_HEADER);
  if (text === undefined || !text.startsWith(`${secret}.`)) return undefined;
  const json = Buffer.from(text.slice(secret.length + 1), 'base64url').toString('utf8');
  return JSON.parse(json) as Told;
};

/** The value of `TOLD_HEADER`. */
export const toldText = (told: Told, secret: string): string =>
  `${secret}.${Buffer.from(JSON.stringify(told)).toString('base64url')}`;

/** A front door of several tells the server behind them whose request it passes on. */
export const runtimeElsewhere = ({
  runtimeAt,
  secret,
}: ServerSurroundings): Elsewhere | undefined =>
  runtimeAt === undefined
    ? undefined
    : {
        to: 'runtime',
        url: runtimeAt,
        headersOf: ({ journey: { request } }) => [
          [
            TOLD_HEADER,
            toldText({ ...toldOf(request), peer: 'front-door', vouched: isOwn(request) }, secret),
          ],
        ],
      };

const isOwn = ({ bearer }: RequestFacts): boolean => bearer?.standing === 'good';

// Which operation of which wire format does a call ask for?

import type { Call } from '../sim/domain/wire.ts';
import { chat } from './chat.ts';
import { converse } from './converse.ts';
import type { WireFormat } from './format.ts';

/** Where a call wants to go. `modelId` is empty where the body names the model. */
export type Route = { readonly format: WireFormat } & (
  | { readonly kind: 'infer'; readonly modelId: string; readonly stream: boolean }
  | { readonly kind: 'models'; readonly id: string | undefined }
  | { readonly kind: 'unknown' }
);

/** Finds the operation of a call by method and path; the host and any prefix do not matter. */
export const routeOf = ({ method, path }: Call): Route => {
  const query = path.indexOf('?');
  const place = query < 0 ? path : path.slice(0, query);
  if (method === 'POST' && place.endsWith('/chat/completions')) {
    return { kind: 'infer', format: chat, modelId: '', stream: false };
  }
  if (place.includes('/model/')) {
    const match = method === 'POST' ? CONVERSE_PATH.exec(place) : null;
    if (match === null) return { kind: 'unknown', format: converse };
    const modelId = decoded(match[1] ?? '');
    return { kind: 'infer', format: converse, modelId, stream: match[2] === 'converse-stream' };
  }
  const match = method === 'GET' ? MODELS_PATH.exec(place) : null;
  if (match === null) return { kind: 'unknown', format: chat };
  return {
    kind: 'models',
    format: chat,
    id: match[1] === undefined ? undefined : decoded(match[1]),
  };
};

const CONVERSE_PATH = /\/model\/([^/]+)\/(converse|converse-stream)$/;
const MODELS_PATH = /\/models(?:\/([^/]+))?$/;

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

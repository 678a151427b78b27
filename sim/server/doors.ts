// Which service is meant by a path, and who is it that stands at that door?

import { INNER_SERVICES, type Peer, SERVICE_NAMES, type ServiceName } from '../domain/ports.ts';

/** Where a call is bound for: a service, under the network identity of whoever may stand there. */
export interface Bound {
  readonly peer: Peer;
  readonly to: ServiceName;
  /** As the service itself knows it. */
  readonly path: string;
}

/**
 * From the internet only the front door and the identity service can be reached. What is neither
 * goes to the front door, which refuses it as a gateway does.
 */
export const outsideDoor = (method: string, path: string): Bound => {
  const place = placeOf(path);
  if (place.endsWith(JWKS)) return { peer: 'internet', to: 'identity', path: JWKS };
  if (place === '/' && method === 'POST') return { peer: 'internet', to: 'identity', path: '/' };
  return { peer: 'internet', to: 'front-door', path };
};

/**
 * Inside stands who runs an agent: the services take a call for the runtime's. A service is named
 * by the first part of the path, or meant by a path that only it has.
 */
export const insideDoor = (path: string): Bound | undefined => {
  const peer = 'runtime';
  if (MODEL.test(path)) return { peer, to: 'model', path };
  if (MCP.test(path)) return { peer, to: 'gateway', path };
  const [, first = '', rest = ''] = /^\/([^/?]+)(.*)$/.exec(path) ?? [];
  const to = INNER_SERVICES.find((name) => name === first);
  return to === undefined ? undefined : { peer, to, path: rest === '' ? '/' : rest };
};

/** The path of a call between services, as the service that it is for knows it. */
export const behindService = (path: string): string => {
  const name = SERVICE_NAMES.find((one) => path.startsWith(`/${one}/`));
  return name === undefined ? path : path.slice(name.length + 1);
};

/** Where exported traces are taken in. Source: OTLP 1.0, the default path over HTTP. */
export const TRACES_PATH = '/v1/traces';

const JWKS = '/.well-known/jwks.json';
const MODEL = /^\/(v1\/(chat\/completions|models)|model\/)/;
const MCP = /^\/mcp(\/|\?|$)/;

const placeOf = (path: string): string => path.split('?')[0] ?? '';

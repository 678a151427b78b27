// What stands before the services for clients of one's own inside: the model host's doors, and MCP over HTTP.

import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Hop, Service, ServiceName } from '../domain/ports.ts';
import type { Call } from '../domain/wire.ts';
import type { Standing } from '../engines/stand-up.ts';
import { BearerVerifier } from '../protocol/bearer.ts';
import { McpEndpoint } from '../protocol/mcp-http.ts';
import { Tracing } from '../protocol/tracing.ts';
import { modelDoor } from '../services/model-door.ts';

/** How the gateway names itself to MCP clients. */
const SERVER = { name: 'poolproof', version: '1' } as const;

/** Services to take the place of a platform's own for callers from inside; its own calls never meet them. */
export const insideServices = (
  { world, deployment }: Pick<Standing, 'world' | 'deployment'>,
  processors: readonly object[] = [],
): Readonly<Partial<Record<ServiceName, Service>>> => {
  const { services, access } = world.platform;
  const bearers = new BearerVerifier(deployment);
  const endpoint = new McpEndpoint(SERVER);
  const door = new Tracing(processors as readonly SpanProcessor[]).traced(
    'model',
    modelDoor(deployment, access),
  );
  return {
    // What the door itself calls is the host.
    model: (call, hop) => (hop.peer === 'model' ? services.model : door)(call, hop),
    gateway: (call: Call, hop: Hop) =>
      endpoint.handle(call, {
        nowUs: hop.nowUs(),
        verify: (asked) => bearers.verify(asked, hop),
        gateway: (asked) => services.gateway(asked, hop),
        chance: hop.chance('mcp session'),
      }),
  };
};

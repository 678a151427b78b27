// Where else may the identity of another be written, for a careless service to take it from there?

import type { Headers } from '../../domain/wire.ts';
import { victimActor, victimTenant } from '../probes.ts';
import type { Scene } from './scene.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The bearer token that is shown, and the headers that claim somebody else. */
export const headersOf = (scene: Scene): Headers => [
  ...(scene.shown === '' ? [] : [['authorization', `Bearer ${scene.shown}`] as const]),
  ...shadowHeaders(scene),
];

const shadowHeaders = (scene: Scene): Headers => {
  const tenant = victimTenant(scene);
  const tier = scene.victimBearer.tier;
  switch (scene.move.shadow) {
    case 'headers':
      return [
        ['x-tenant-id', tenant],
        ['x-clinic-id', tenant],
        ['x-tenant-tier', tier],
        ['x-tier', tier],
        ['x-s3-prefix', `clinics/${tenant}/`],
        ['x-user-id', scene.victimBearer.sub],
        ['x-actor-id', victimActor(scene)],
        ['x-api-key', `${tier}-tenant-key`],
        ['x-amzn-bedrock-agentcore-runtime-user-id', victimActor(scene)],
      ];
    case 'baggage':
      // What a compromised agent says of its own trace, nobody can verify before its token.
      if (scene.move.from === 'inside') return [];
      return [['baggage', `tenant.id=${encodeURIComponent(tenant)},tenant.tier=${tier}`]];
    case 'repeated':
      // Of two tokens one is the actor's own: the victim's alone would be no attack but a theft.
      if (scene.shown === '') return [];
      return [['authorization', `Bearer ${scene.victimBearer.text}`]];
    default:
      return [];
  }
};

/** Members of a request's body that claim somebody else. */
export const shadowFields = (scene: Scene): Fields => {
  if (scene.move.shadow !== 'payload') return {};
  const tenant = victimTenant(scene);
  return {
    tier: scene.victimBearer.tier,
    clinic_id: tenant,
    tenant,
    user_id: scene.victimBearer.sub,
    role: 'physician',
    actor_id: victimActor(scene),
  };
};

/** Arguments of a tool: whose data is wanted, and what a caller has no business to say. */
export const argumentsOf = (scene: Scene, tool: string): Fields => {
  const tenant = victimTenant(scene);
  const shadows =
    scene.move.shadow === 'arguments'
      ? { tenant, tier: scene.victimBearer.tier, request_hour: 10 }
      : {};
  switch (tool) {
    case 'patient_context':
      return { clinic_id: tenant, patient_id: 'P1001', ...shadows };
    case 'clinic_config':
      return { clinic_id: tenant, ...shadows };
    case 'retrieve_clinic_documents':
      return { clinic_id: tenant, query: 'guideline1', max_results: 2, ...shadows };
    case 'web_search':
      return { keywords: 'beds', ...shadows };
    default:
      return shadows;
  }
};

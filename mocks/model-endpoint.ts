// How does a mocked model host answer a call? One resolver for every clock and both wire formats.

import type { Call, Reply } from '../sim/domain/wire.ts';
import type { Chance } from '../sim/kernel/chance.ts';
import { chat, modelEntryReply, modelList } from './chat.ts';
import { type Refused, refusal, type WireFormat } from './format.ts';
import type { MeterTotals, ModelEndpoint, ModelEndpointDeps, OnFrame } from './ports.ts';
import type { ModelProfile } from './profiles.ts';
import { routeOf } from './route.ts';
import { type Model, modelOf, serve, speak } from './service.ts';

export const modelEndpoint = (deps: ModelEndpointDeps): ModelEndpoint => {
  const models = new Map<string, Model>();
  const metered = new Map<string, MeterTotals>();
  for (const profile of deps.profiles) {
    const model = modelOf(profile, deps);
    metered.set(profile.id, model.totals);
    for (const id of [profile.id, ...profile.aliases]) {
      if (models.has(id)) throw new Error(`model id given twice: ${id}`);
      models.set(id, model);
    }
  }
  return {
    handle: (call, chance, onFrame) => answer(deps, models, { call, chance, onFrame }),
    metered,
  };
};

/** A call and what came with it. */
interface Incoming {
  readonly call: Call;
  readonly chance: Chance;
  readonly onFrame: OnFrame | undefined;
}

const answer = async (
  deps: ModelEndpointDeps,
  models: ReadonlyMap<string, Model>,
  incoming: Incoming,
): Promise<Reply> => {
  const { call, chance, onFrame } = incoming;
  const route = routeOf(call);
  const { format } = route;
  const denied = deps.authorize?.(call);
  if (denied !== undefined) return format.refuse(DENIALS[denied]);
  if (route.kind === 'models') return listed(deps.profiles, models, route.id);
  if (route.kind === 'unknown') return format.refuse(UNKNOWN_ROUTE);
  const asked = format.decode(call, route.modelId, route.stream);
  if (asked.kind === 'refused') return format.refuse(asked);
  const model = models.get(asked.modelId);
  if (model === undefined) return format.refuse(unknownModel(asked.modelId, format));
  const served = await serve(deps, { call, asked, format, chance, model });
  if (served.kind === 'refused') {
    model.totals.refusals += 1;
    return format.refuse(served);
  }
  return speak(deps, served, onFrame);
};

const listed = (
  profiles: readonly ModelProfile[],
  models: ReadonlyMap<string, Model>,
  id: string | undefined,
): Reply => {
  if (id === undefined) return modelList(profiles.map((profile) => profile.id));
  return models.has(id) ? modelEntryReply(id) : chat.refuse(unknownModel(id, chat));
};

const UNKNOWN_ROUTE = refusal('unknown route', 'no such operation');
const DENIALS = {
  unauthenticated: refusal('unauthenticated', 'the call carries no valid credentials'),
  forbidden: refusal('forbidden', 'the caller may not call this model'),
} as const;

const unknownModel = (id: string, format: WireFormat): Refused =>
  refusal(
    'unknown model',
    format === chat
      ? `The model '${id}' does not exist`
      : 'The provided model identifier is invalid.',
  );

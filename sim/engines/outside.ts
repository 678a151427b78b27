// What stands outside the platform: the mocked model host and the web, and what the host metered.

import { type Behaviour, helpful, hostile, verbose } from '../../mocks/behaviour.ts';
import { modelEndpoint } from '../../mocks/model-endpoint.ts';
import type { MeterReading } from '../../mocks/ports.ts';
import { GPT_OSS_120B, MINISTRAL_8B, type ModelProfile } from '../../mocks/profiles.ts';
import { webSearch } from '../../mocks/web.ts';
import type { Deployment } from '../domain/directory.ts';
import type { Service } from '../domain/ports.ts';
import type { Call } from '../domain/wire.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ServiceFaults } from './faults.ts';

const BEHAVIOURS: Readonly<Record<'helpful' | 'verbose' | 'hostile', Behaviour>> = {
  helpful,
  verbose,
  hostile,
};

const MODEL_PROFILES: readonly ModelProfile[] = [MINISTRAL_8B, GPT_OSS_120B];

/** The outside world of a run; `readings` holds what the host metered until the recorder takes it. */
export interface Outside {
  readonly model: Service;
  readonly web: Service;
  take(call: Call): MeterReading | undefined;
}

export const outside = (
  clock: Clock,
  behaviour: 'helpful' | 'verbose' | 'hostile',
  resources: Deployment['resources'],
  faults: ServiceFaults,
): Outside => {
  const readings = new Map<Call, MeterReading>();
  const endpoint = modelEndpoint({
    clock,
    profiles: MODEL_PROFILES,
    behaviourOf: () => BEHAVIOURS[behaviour],
    // One tenant may use half of the account's token quota at most: reference decision 24, the half is assumed.
    shares: { quotaFraction: 0.5, replicated: resources === 'replicated' },
    // A model that fails or is gone fails as every service does; how slow it is, only its host knows.
    fault: (modelId, nowUs) => faults.slowModel(modelId, nowUs),
    meter: (reading, call) => readings.set(call, reading),
  });
  return {
    model: (call, hop) => endpoint.handle(call, hop.chance('model'), hop.heard),
    web: webSearch,
    take(call) {
      const reading = readings.get(call);
      readings.delete(call);
      return reading;
    },
  };
};

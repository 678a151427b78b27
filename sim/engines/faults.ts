// Which services are failing right now: the faults that the scenario ordered.

import type { ServiceName } from '../domain/ports.ts';
import { type Call, parsed } from '../domain/wire.ts';
import type { Fault } from '../scenario/schema.ts';

/** The service faults of a scenario by time. */
export class ServiceFaults {
  readonly #faults: Fault[];
  readonly #services: Set<string>;

  constructor(faults: readonly Fault[]) {
    this.#faults = [...faults];
    this.#services = new Set(faults.map(({ service }) => service));
  }

  /** One more fault than the scenario planned for. */
  add(fault: Fault): void {
    this.#faults.push(fault);
    this.#services.add(fault.service);
  }

  /** The fault in force for a call to a service, or `undefined`. */
  of(service: ServiceName, call: Call, nowUs: number): Fault | undefined {
    if (!this.#services.has(service)) return undefined;
    return this.#faults.find(
      (fault) =>
        fault.service === service &&
        fault.fromUs <= nowUs &&
        nowUs < fault.toUs &&
        concerns(fault, call),
    );
  }

  /** How slow a model is by a fault in force, or `undefined`. */
  slowModel(
    modelId: string,
    nowUs: number,
  ): { readonly kind: 'slow'; readonly factor: number } | undefined {
    if (!this.#services.has('model')) return undefined;
    for (const fault of this.#faults) {
      if (fault.service !== 'model' || fault.kind !== 'slow') continue;
      if (fault.model !== undefined && fault.model !== modelId) continue;
      if (fault.fromUs <= nowUs && nowUs < fault.toUs)
        return { kind: 'slow', factor: fault.factor };
    }
    return undefined;
  }

  ofPolicy(nowUs: number): Fault | undefined {
    if (!this.#services.has('policy')) return undefined;
    return this.#faults.find(
      (fault) => fault.service === 'policy' && fault.fromUs <= nowUs && nowUs < fault.toUs,
    );
  }
}

/** A fault of one model concerns only the calls of that model. */
const concerns = (fault: Fault, call: Call): boolean => {
  if (fault.model === undefined) return true;
  return call.path.includes(fault.model) || parsed(call.body)?.['model'] === fault.model;
};

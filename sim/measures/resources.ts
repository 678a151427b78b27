// How loaded were the things that tenants share: the model hosts and the services?

import type { Exchange, HistoryEvent, Metered, Observer } from '../domain/history.ts';
import type { ModelSummary, ResourceSummary, ServiceSummary } from '../domain/report.ts';
import { type Call, parsed } from '../domain/wire.ts';
import { Samples } from './samples.ts';

interface ModelUse {
  readonly queuedUs: Samples;
  inputTokens: number;
  outputTokens: number;
  refusals: number;
}

interface ServiceUse {
  uses: number;
  refusals: number;
  failures: number;
  faulted: number;
}

/** Counts the calls of every service, and what the model hosts metered. */
export class Resources implements Observer {
  readonly #models = new Map<string, ModelUse>();
  readonly #services = new Map<string, ServiceUse>();

  see(event: HistoryEvent): void {
    if (event.kind === 'exchange') this.#called(event);
    else if (event.kind === 'metered') this.#metered(event);
  }

  /** Models first, each in order of name. */
  conclude(): readonly ResourceSummary[] {
    const models = inOrder(this.#models).map(([id, use]) => modelSummary(id, use));
    const services = inOrder(this.#services).map(
      ([name, use]): ServiceSummary => ({ kind: 'service', name, ...use }),
    );
    return [...models, ...services];
  }

  #called({ to, call, reply, faulted }: Exchange): void {
    let use = this.#services.get(to);
    if (use === undefined) {
      use = { uses: 0, refusals: 0, failures: 0, faulted: 0 };
      this.#services.set(to, use);
    }
    use.uses += 1;
    if (faulted) use.faulted += 1;
    if (reply.status < 429) return;
    if (reply.status >= 500) use.failures += 1;
    if (reply.status !== 429 && reply.status !== 503) return;
    use.refusals += 1;
    if (to === 'model') this.#model(modelOf(call)).refusals += 1;
  }

  #metered(event: Metered): void {
    const use = this.#model(event.modelId);
    use.queuedUs.add(event.queuedUs);
    use.inputTokens += event.inputTokens;
    use.outputTokens += event.outputTokens;
  }

  #model(id: string): ModelUse {
    const known = this.#models.get(id);
    if (known !== undefined) return known;
    const use = { queuedUs: new Samples(), inputTokens: 0, outputTokens: 0, refusals: 0 };
    this.#models.set(id, use);
    return use;
  }
}

const modelSummary = (id: string, { queuedUs, ...use }: ModelUse): ModelSummary => ({
  kind: 'model',
  name: `model:${id}`,
  uses: queuedUs.count,
  queuedUsP50: queuedUs.quantile(50) ?? null,
  queuedUsP95: queuedUs.quantile(95) ?? null,
  queuedUsMax: queuedUs.max() ?? null,
  ...use,
});

/** Bedrock Runtime names the model in the path, Chat Completions in the body. */
const modelOf = (call: Call): string => {
  const inPath = /^\/model\/([^/]+)\//.exec(call.path)?.[1];
  if (inPath !== undefined) return decoded(inPath);
  const named = parsed(call.body)?.['model'];
  return typeof named === 'string' ? named : 'unknown';
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const inOrder = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

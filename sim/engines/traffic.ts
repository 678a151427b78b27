// What do honest users ask, and when: conversations of a stream, planned from its arrivals.

import { runtimeArn } from '../domain/arn.ts';
import type { Asked } from '../domain/history.ts';
import { arrivals } from '../kernel/arrivals.ts';
import { Chance } from '../kernel/chance.ts';
import { SECOND_US } from '../kernel/clock.ts';
import { SESSION_HEADER } from '../protocol/session.ts';
import { arrivalsOf } from '../scenario/arrivals.ts';
import { type Scenario, type Stream, TASKS, type Task } from '../scenario/schema.ts';
import type { AssignedRow } from '../traces/assign.ts';
import { type Client, clientOf, type Sender } from './clients.ts';
import { type Gate, OPEN } from './gate.ts';
import type { Household } from './population.ts';

/** Memory is expected back only when it is at least this old: extraction is asynchronous. */
const RECALLED_AFTER_US = 30 * SECOND_US;
const RECALL_EVERY = 3;

/** A tenant's users at their clients. */
export interface Home {
  readonly household: Household;
  readonly clients: Client[];
}

export const homeOf = (household: Household): Home => ({
  household,
  clients: household.users.map(clientOf),
});

/** One request to be asked. */
export interface Question {
  readonly client: Client;
  readonly home: Home;
  readonly session: string;
  readonly origin: string;
  readonly task: Task;
  readonly chance: Chance;
  readonly promptCharacters: number;
  readonly maxOutputTokens: number;
  /** Whether the user asks for what was said before, where the task is `talk`. */
  readonly recalls: 'never' | 'at times' | 'surely';
  readonly inputTokens?: number;
  /** Said as well, word for word. */
  readonly words?: string;
  /** The number of the move among its actor's own, when it is one. */
  readonly move?: number;
  /** When it was to be asked; now, unless given. */
  readonly plannedUs?: number;
}

/** Plays the streams of a scenario. Every draw is keyed by stream, tenant and conversation. */
export class Traffic {
  readonly #scenario: Scenario;
  readonly #sender: Sender;
  readonly #chance: Chance;
  readonly #gate: Gate;
  /** Conversations that are planned and not ended. */
  #running = 0;
  #planned = 0;
  #over = false;
  #weighed: { readonly all: readonly Home[]; readonly weights: Map<Stream, number> } = {
    all: [],
    weights: new Map(),
  };

  constructor(scenario: Scenario, sender: Sender, seed: number, gate: Gate = OPEN) {
    this.#scenario = scenario;
    this.#sender = sender;
    this.#chance = new Chance(seed).fork('traffic');
    this.#gate = gate;
  }

  get running(): number {
    return this.#running;
  }

  /** Requests that the streams planned so far, those included that the gate dropped. */
  get planned(): number {
    return this.#planned;
  }

  /** Nothing is asked from now on; what is under way goes on. */
  end(): void {
    this.#over = true;
  }

  /** Starts the share of every stream that falls to a home, `fromUs` on; `all` weighs it against the rest. */
  admit(home: Home, all: readonly Home[], fromUs: number): void {
    for (const stream of this.#scenario.traffic) {
      if (stream.load.kind === 'trace' || !chosen(stream, home)) continue;
      const weights = this.#weightOf(stream, all);
      const { weight, facts } = home.household;
      const model = arrivalsOf(stream, {
        zone: facts.zone,
        weight,
        share: weights === 0 ? 0 : weight / weights,
      });
      if (model === undefined) continue;
      const window = { fromUs: Math.max(fromUs, stream.window.fromUs), toUs: stream.window.toUs };
      if (window.fromUs >= window.toUs) continue;
      const chance = this.#chance.fork(stream.name, facts.incarnation);
      this.#next(arrivals(model, window, chance), { stream, home, chance }, 1);
    }
  }

  /** The weight of all homes that a stream falls to, summed once for each list of homes. */
  #weightOf(stream: Stream, all: readonly Home[]): number {
    if (this.#weighed.all !== all) this.#weighed = { all, weights: new Map() };
    const known = this.#weighed.weights.get(stream);
    if (known !== undefined) return known;
    let weight = 0;
    for (const home of all) if (chosen(stream, home)) weight += home.household.weight;
    this.#weighed.weights.set(stream, weight);
    return weight;
  }

  /** Replays rows of a trace, each a conversation of one turn. */
  replay(stream: Stream, rows: readonly AssignedRow[], homes: readonly Home[]): void {
    for (const [number, row] of rows.entries()) {
      const home = homes[row.tenantIndex];
      const atUs = stream.window.fromUs + row.atUs;
      if (home === undefined || atUs >= stream.window.toUs) continue;
      const chance = this.#chance.fork(stream.name, 'row', number);
      this.#running += 1;
      this.#sender.world.clock.at(atUs, () => {
        void this.#converse({ stream, home, chance }, atUs, row).finally(() => {
          this.#running -= 1;
        });
      });
    }
  }

  /** Plans the next conversation of a stream only when the one before begins: nothing is kept ahead. */
  #next(starts: Generator<number, void, undefined>, part: Part, number: number): void {
    const { value: atUs, done } = starts.next();
    if (done === true || atUs === undefined || this.#over) return;
    this.#running += 1;
    this.#sender.world.clock.at(atUs, () => {
      this.#next(starts, part, number + 1);
      const chance = part.chance.fork('conversation', number);
      void this.#converse({ ...part, chance }, atUs).finally(() => {
        this.#running -= 1;
      });
    });
  }

  /** One turn after the other: the first at `startUs`, the next a pause after the last answer. */
  async #converse(part: Part, startUs: number, row?: AssignedRow): Promise<void> {
    const { stream, home, chance } = part;
    const client = home.clients[chance.fork('user').integer(0, home.clients.length - 1)];
    if (client === undefined) return;
    const session = `session-${chance.fork('session').hex(32)}`;
    const { clock } = this.#sender.world;
    const turns = row === undefined ? stream.turns : 1;
    let plannedUs = startUs;
    for (let turn = 0; turn < turns && clock.nowUs() < this.#scenario.endUs; turn += 1) {
      if (this.#over) return;
      const own = chance.fork('turn', turn);
      const task =
        TASKS[own.fork('task').weighted(TASKS.map((name) => stream.mix[name]))] ?? 'talk';
      this.#planned += 1;
      // Of a conversation that lost a turn the rest is never planned.
      if (!this.#gate.opens(plannedUs)) return;
      await ask(this.#sender, {
        ...{ client, home, session, plannedUs },
        origin: stream.name,
        task,
        chance: own,
        promptCharacters: row === undefined ? stream.promptCharacters : row.inputTokens * 4,
        maxOutputTokens: row?.outputTokens ?? stream.maxOutputTokens,
        recalls: turn > 0 ? 'at times' : 'never',
        ...(row === undefined ? {} : { inputTokens: row.inputTokens }),
      });
      if (turn + 1 === turns) return;
      const pauseUs = Math.round(own.fork('pause').exponential(stream.pauseUs));
      plannedUs = clock.nowUs() + pauseUs;
      await clock.sleep(pauseUs);
    }
  }
}

interface Part {
  readonly stream: Stream;
  readonly home: Home;
  readonly chance: Chance;
}

const chosen = (stream: Stream, home: Home): boolean => {
  const { id, tier } = home.household.facts;
  if (stream.tenants.kind === 'all') return true;
  if (stream.tenants.kind === 'tier') return stream.tenants.tier === tier;
  return stream.tenants.tenants.includes(id);
};

/** Asks one question through the front door, signing in first when that is due. */
export const ask = async (sender: Sender, question: Question): Promise<void> => {
  const { client, session, maxOutputTokens } = question;
  const bearer = await sender.bearerFor(client);
  const { prompt, serial, asks } = worded(sender, question, bearer?.clinic);
  const journey = sender.journey(client, {
    kind: 'ask',
    origin: question.origin,
    bearer,
    session,
    asks,
    ...(question.move === undefined ? {} : { move: question.move }),
    ...(question.plannedUs === undefined ? {} : { plannedUs: question.plannedUs }),
  });
  client.inFlight += 1;
  const reply = await sender.send(journey, 'internet', 'front-door', {
    method: 'POST',
    path: `/runtimes/${encodeURIComponent(runtimeArn(bearer?.tier ?? client.principal.tenant.tier))}/invocations`,
    headers: [
      ...(bearer === undefined ? [] : [['authorization', client.authorization] as const]),
      [SESSION_HEADER, session],
    ],
    body: JSON.stringify({ prompt, max_tokens: maxOutputTokens }),
  });
  client.inFlight -= 1;
  // A client that is told its token is no good signs in anew.
  if (reply.status === 401) client.bearer = undefined;
  if (reply.status !== 200) return;
  client.lastAnswered = { serial, endedUs: sender.world.clock.nowUs(), role: bearer?.role };
};

/** The prompt with a canary of its own, what it asks for, and what an entitled asker must get. */
const worded = (
  sender: Sender,
  question: Question,
  named: string | undefined,
): { readonly prompt: string; readonly serial: number; readonly asks: Asked } => {
  const { client, task, promptCharacters } = question;
  const canary = sender.ledger.plant(sender.labelOf(client), 'prompt');
  // A client knows what its clinic is called from its own token.
  const clinic = named ?? client.principal.tenant.id;
  const wanted = inputOf(question, clinic);
  const expects = [...wanted.expects];
  let words = `${canary.text} please${question.words === undefined ? '' : ` ${question.words}`}`;
  if (task !== 'talk') words += ` use ${task} ${JSON.stringify(wanted.input)}`;
  else if (recallsNow(question)) {
    words += ' recall what I said';
    const last = client.lastAnswered;
    const settled =
      last !== undefined &&
      last.role === client.bearer?.role &&
      sender.world.clock.nowUs() - last.endedUs >= RECALLED_AFTER_US;
    if (settled && client.inFlight === 0) expects.push(last.serial);
  }
  const prompt =
    words.length >= promptCharacters
      ? words
      : `${words}\n${filler(promptCharacters - words.length - 1)}`;
  const asks: Asked = {
    tool: task === 'talk' ? undefined : task,
    input: wanted.input,
    expects,
    inputTokens: question.inputTokens ?? Math.ceil(prompt.length / 4),
    outputTokens: question.maxOutputTokens,
  };
  return { prompt, serial: canary.serial, asks };
};

const recallsNow = ({ recalls, chance }: Question): boolean =>
  recalls === 'surely' ||
  (recalls === 'at times' && chance.fork('recall').integer(1, RECALL_EVERY) === 1);

const FILLER = 'the patient rests and eats well, ';
const filler = (characters: number): string =>
  FILLER.repeat(Math.ceil(Math.max(0, characters) / FILLER.length)).slice(
    0,
    Math.max(0, characters),
  );

const inputOf = (
  question: Question,
  clinic: string,
): { readonly input: Readonly<Record<string, unknown>>; readonly expects: readonly number[] } => {
  const { household } = question.home;
  const chance = question.chance.fork('object');
  switch (question.task) {
    case 'patient_context': {
      const patient = household.patients[chance.integer(0, household.patients.length - 1)];
      if (patient === undefined)
        return { input: { clinic_id: clinic, list_patients: true }, expects: [] };
      return { input: { clinic_id: clinic, patient_id: patient.id }, expects: [patient.serial] };
    }
    case 'clinic_config':
      return { input: { clinic_id: clinic }, expects: [household.configuration.serial] };
    case 'retrieve_clinic_documents': {
      const document = household.documents[chance.integer(0, household.documents.length - 1)];
      const input = { clinic_id: clinic, query: document?.id ?? 'guideline', max_results: 2 };
      return { input, expects: document === undefined ? [] : [document.serial] };
    }
    case 'web_search':
      return { input: { keywords: 'influenza season' }, expects: [] };
    default:
      return { input: {}, expects: [] };
  }
};

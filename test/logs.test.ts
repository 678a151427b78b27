// Is a service's log a line a call that names its tenant, and does no secret ever stand in one?

import { expect, test } from 'vitest';
import { readInputs } from '../sim/cli/inputs.ts';
import { findCanaries, mintCanary } from '../sim/domain/canary.ts';
import type { Exchange, HistoryEvent, RequestFacts } from '../sim/domain/history.ts';
import type { Hop, TelemetryRecord } from '../sim/domain/ports.ts';
import { secretIn } from '../sim/domain/secret-text.ts';
import { header, isRecord, parsed } from '../sim/domain/wire.ts';
import { fold } from '../sim/engines/run.ts';
import { Chance } from '../sim/kernel/chance.ts';
import { Tracing } from '../sim/protocol/tracing.ts';
import { put, smallScenario } from './command-line.ts';

const SECRET_FIELDS =
  /^(IdToken|AccessToken|RefreshToken|REFRESH_TOKEN|SecretAccessKey|SessionToken|PASSWORD|Password)$/;

/** What must not be told to an operator, by the field or header that it stood in. */
class Secrets {
  readonly byField = new Map<string, Set<string>>();

  see({ call, reply }: Exchange): void {
    for (const name of ['authorization', 'x-api-key', 'x-amz-security-token'])
      this.#add(name, header(call.headers, name)?.replace(/^Bearer /, ''));
    for (const body of [call.body, reply.body]) this.#search(parsed(body));
  }

  /** The fields of which a value stands in the text. */
  standingIn(text: string): readonly string[] {
    return [...this.byField].flatMap(([field, values]) =>
      [...values].some((value) => text.includes(value)) ? [field] : [],
    );
  }

  #search(value: unknown): void {
    if (Array.isArray(value)) for (const one of value) this.#search(one);
    if (!isRecord(value)) return;
    for (const [name, one] of Object.entries(value)) {
      if (SECRET_FIELDS.test(name) && typeof one === 'string') this.#add(name, one);
      else this.#search(one);
    }
  }

  #add(field: string, value: string | undefined): void {
    if (value === undefined || value === '') return;
    const known = this.byField.get(field) ?? new Set();
    this.byField.set(field, known.add(value));
  }
}

interface Line {
  readonly text: string;
  readonly request: RequestFacts | undefined;
}

/** Users ask, sign in and call tools; what was logged, and what was secret. */
const logged = async (platform: string) => {
  const scenario = smallScenario({
    duration: '40m',
    mix: '{ patient_context: 2, clinic_config: 1 }',
  });
  const { inputs } = await readInputs(put('small.yaml', scenario), { platform });
  const lines: Line[] = [];
  const secrets = new Secrets();
  const kinds = new Set<string>();
  const see = (event: HistoryEvent): void => {
    if (event.kind === 'exchange') secrets.see(event);
    if (event.kind === 'ended') kinds.add(`${event.request?.kind} ${event.outcome}`);
    if (event.kind === 'emitted' && event.record.kind === 'log')
      lines.push({ text: event.record.line, request: event.request });
  };
  await fold(inputs, { wallMs: () => 0, digested: false, observers: [{ see }] });
  return { lines, secrets, kinds };
};

const shows = (secrets: Secrets, { text }: Line): boolean =>
  secretIn(text) !== undefined ||
  findCanaries(text).length > 0 ||
  secrets.standingIn(text).length > 0;

test('every line of the reference names the tenant of its request, and none shows a secret', async () => {
  const { lines, secrets, kinds } = await logged('reference');
  expect([...kinds]).toEqual(expect.arrayContaining(['ask completed', 'sign-in completed']));
  // Each kind of secret travelled: finding none of them says something.
  expect([...secrets.byField.keys()].sort()).toEqual(
    [
      ...['IdToken', 'PASSWORD', 'RefreshToken', 'SecretAccessKey', 'SessionToken'],
      ...['authorization', 'x-amz-security-token'],
    ].sort(),
  );
  expect(lines.filter((line) => shows(secrets, line))).toEqual([]);
  expect(lines.length).toBeGreaterThan(60);
  for (const { text, request } of lines) {
    expect(parsed(text)).toMatchObject({ level: 30, tenant: request?.bearer?.clinic });
    expect(parsed(text)).not.toHaveProperty('pid');
  }
});

test('the platform as published does show secrets, so they would have been found', async () => {
  const { lines, secrets } = await logged('as-published');
  const showing = lines.filter((line) => shows(secrets, line));
  expect(showing.some(({ text }) => secretIn(text) === 'a bearer token')).toBe(true);
  expect(showing.some(({ text }) => findCanaries(text).length > 0)).toBe(true);
  expect(showing.some(({ text }) => secrets.standingIn(text).includes('authorization'))).toBe(true);
});

/** What a service logs when it is called, as the operator gets it. */
const lineOf = async (fields: Readonly<Record<string, string>>): Promise<string> => {
  const records: TelemetryRecord[] = [];
  const hop: Partial<Hop> = {
    peer: 'internet',
    nowUs: () => 1_772_463_600_000_000,
    chance: (name) => new Chance(1).fork(name),
    emit: (record) => records.push(record),
  };
  const service = new Tracing().traced('gateway', async (_call, _hop, trace) => {
    trace.log('on purpose', fields);
    return { status: 200, headers: [], body: '' };
  });
  await service({ method: 'POST', path: '/', headers: [], body: '' }, hop as Hop);
  return records.flatMap((record) => (record.kind === 'log' ? [record.line] : [])).join();
};

test.each([
  ...['authorization', 'Authorization', 'x-api-key', 'x-amz-security-token'],
  ...['SecretAccessKey', 'SessionToken', 'IdToken', 'AccessToken', 'RefreshToken'],
  ...['password', 'Password', 'PASSWORD'],
])('a service that logs the field %s on purpose shows nothing of it', async (field) => {
  const secret = mintCanary({ owner: 1, kind: 'secret', serial: 1 });
  const line = await lineOf({ [field]: secret, tenant: 'clinic-a' });
  expect(parsed(line)).toMatchObject({ [field]: '[Redacted]', tenant: 'clinic-a' });
  expect(findCanaries(line)).toEqual([]);
  // The same under a name that says nothing of it is shown: that is what the checks are for.
  expect(findCanaries(await lineOf({ note: secret }))).toHaveLength(1);
});

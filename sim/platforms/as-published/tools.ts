// Whose data does the sample's tool Lambda read: the clinic's that a header names, else an argument.

import { TABLE_NAME } from '../../domain/arn.ts';
import type { Directory } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type { Hop } from '../../domain/ports.ts';
import { header, isRecord, json, parsed, type Reply } from '../../domain/wire.ts';
import { works } from '../../protocol/latency.ts';
import { signed } from '../../protocol/memory-client.ts';
import type { Trace, TracedService } from '../../protocol/tracing.ts';
import { TOOLS_LATENCY } from '../../services/tools.ts';
import { LAMBDA_CREDENTIALS } from './roles.ts';
import { contextOfPayload, named, s3Prefix } from './tenant-context.ts';

export const LAMBDA_RULES: readonly Rule[] = [
  {
    service: 'tools',
    rule: 'the tenant is what the headers X-Tier and X-Clinic-ID say; the Lambda sees no token',
    source: 'sample, lambda_function.py:50 (W10)',
    standing: 'documented',
  },
  {
    service: 'tools',
    rule: 'without X-Clinic-ID the tenant is the argument clinic_id, else demo-clinic',
    source: 'sample, patient_context.py:47 (W12)',
    standing: 'documented',
  },
  {
    service: 'tools',
    rule: 'clinic_config reads the clinic of its argument, when that is of the tier that the header names',
    source: 'sample, clinic_config.py:69 and :99 (W13)',
    standing: 'documented',
  },
  {
    service: 'tools',
    rule: 'a patient record that was read is printed to the log',
    source: 'sample, patient_context.py:134 (W70)',
    standing: 'documented',
  },
  {
    service: 'tools',
    rule: 'patient ids are unique within a clinic only, so that a foreign one is missing: 404 and never 403',
    source: 'assumed: the sample’s table has the patient id for its whole key',
    standing: 'assumed',
  },
];

/** One call of the Lambda. */
interface LambdaEvent {
  readonly input: Readonly<Record<string, unknown>>;
  readonly tier: string;
  readonly clinic: string;
  readonly directory: Directory;
  readonly hop: Hop;
  readonly trace: Trace;
}

/** The tool Lambda, which the gateway's role alone may invoke. */
export const toolLambda =
  (directory: Directory): TracedService =>
  async (call, hop, trace) => {
    await works(hop, TOOLS_LATENCY);
    if (hop.peer !== 'gateway') return json(403, { error: 'forbidden' });
    const input = parsed(call.body) ?? {};
    const demo = contextOfPayload({});
    const tier = header(call.headers, 'x-tier') ?? demo.tier;
    const clinic = header(call.headers, 'x-clinic-id') ?? named(input, 'clinic_id') ?? demo.clinic;
    const event = { input, tier, clinic, directory, hop, trace };
    const name = call.path.replace('/tools/', '');
    if (name === 'patient_context') return patientContext(event);
    if (name === 'clinic_config') return clinicConfig(event);
    return json(400, { error: 'Unknown tool' });
  };

const patientContext = async (event: LambdaEvent): Promise<Reply> => {
  const { input, clinic, trace } = event;
  const patient = named(input, 'patient_id');
  if (patient === undefined || input['list_patients'] === true) return listPatients(event);
  const found = await item(event, `P#${clinic}`, `PATIENT#${patient}`);
  if (found === undefined) return json(404, { error: 'Patient not found' });
  trace.log('Patient record', { tenant: clinic, record: found });
  return json(200, { record: found });
};

const listPatients = async (event: LambdaEvent): Promise<Reply> => {
  const { limit } = event.input;
  const reply = await tableCall(event, 'Query', {
    KeyConditionExpression: 'pk = :pk and begins_with(sk, :sk)',
    ExpressionAttributeValues: { ':pk': { S: `P#${event.clinic}` }, ':sk': { S: 'PATIENT#' } },
  });
  const rows = parsed(reply.body)?.['Items'];
  const patients = Array.isArray(rows) ? rows.map(data) : [];
  const most = typeof limit === 'number' ? Math.min(100, Math.max(1, limit)) : 20;
  return json(200, { patients: patients.slice(0, most) });
};

const clinicConfig = async (event: LambdaEvent): Promise<Reply> => {
  const clinic = named(event.input, 'clinic_id') ?? event.clinic;
  if (event.directory.tenants.get(clinic)?.tier !== event.tier)
    return json(403, { error: 'Access denied to this clinic configuration' });
  const found = await item(event, `T#${clinic}`, 'CONFIG');
  if (found === undefined) return json(404, { error: 'Clinic not found' });
  return json(200, { record: found, s3_prefix: s3Prefix({ tier: event.tier, clinic }) });
};

const item = async (event: LambdaEvent, pk: string, sk: string): Promise<string | undefined> => {
  const reply = await tableCall(event, 'GetItem', { Key: { pk: { S: pk }, sk: { S: sk } } });
  return data(parsed(reply.body)?.['Item']);
};

const tableCall = (
  event: LambdaEvent,
  action: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Reply> =>
  event.hop.call('table', {
    method: 'POST',
    path: '/',
    headers: [
      ['x-amz-target', `DynamoDB_20120810.${action}`],
      ...signed(LAMBDA_CREDENTIALS),
      ...event.trace.headers(),
    ],
    body: JSON.stringify({ TableName: TABLE_NAME, ...body }),
  });

const data = (row: unknown): string | undefined => {
  const cell = isRecord(row) ? row['data'] : undefined;
  return isRecord(cell) && typeof cell['S'] === 'string' ? cell['S'] : undefined;
};

// What is the form of how several front doors kept the plans between them?

import { z } from 'zod';
import type { FleetReport, FleetTenant } from '../../domain/fleet-report.ts';
import type { Outage } from '../../domain/outage.ts';
import { count, shaped } from '../form.ts';
import { LIMITER_MEMBERS } from './run.ts';

export const OUTAGE = shaped<Outage>('Outage')({
  fromUs: z.int(),
  toUs: z.int(),
  failed: count,
  isOver: z.boolean(),
});

const TENANT = shaped<FleetTenant>('FleetTenant')({
  ...LIMITER_MEMBERS,
  toleranceUs: count,
  couldBeWrong: count,
});

export const FLEET = shaped<FleetReport>('FleetReport')({
  limiter: z.enum(['local', 'redis']),
  replicas: count,
  doors: z.array(z.strictObject({ decided: count, undecided: count, lostUs: z.int().nullable() })),
  silences: z.array(OUTAGE),
  toleranceUs: count,
  tenants: z.array(TENANT),
  wrongAdmissions: count,
  wrongRefusals: count,
  couldBeWrong: count,
});

// How may a change be written: the keys of each kind, beside whatever says when it happens.

import { z } from 'zod';
import { id, name, positive, prose, whole, zone } from './forms.ts';

const USER = z.strictObject({ id: id(), role: name() });

// Defaults and bounds of what tenants own are assumed.
export const PATIENTS = whole(0, 10_000).default(3);
export const DOCUMENTS = whole(0, 10_000).default(2);

export const TENANT_KEYS = {
  tier: name(),
  zone: zone(),
  weight: positive(100).default(1),
  patients: PATIENTS,
  documents: DOCUMENTS,
  users: z.array(USER).min(1).max(10_000),
};

/** A change of any kind; `when` are the keys that place it in time. */
export const changeKinds = <W extends z.core.$ZodLooseShape>(when: W) => {
  const kinds = <K extends string, S extends z.core.$ZodLooseShape>(named: readonly K[], keys: S) =>
    z.strictObject({ ...when, kind: z.enum(named), ...keys });
  return z.discriminatedUnion('kind', [
    kinds(['upgrade', 'downgrade'], { tenant: id(), tier: name() }),
    kinds(['suspend', 'resume', 'offboard'], { tenant: id() }),
    kinds(['onboard'], { tenant: id(), ...TENANT_KEYS }),
    kinds(['rotate-keys'], {}),
    kinds(['swap-policies'], { folder: prose(1000) }),
    kinds(['move-user'], { user: id(), tenant: id(), to: id() }),
    kinds(['change-role'], { user: id(), tenant: id(), role: name() }),
    kinds(['plant-document'], { tenant: id(), text: prose(16_000) }),
    // The longest text of an AgentCore Memory record. Source: botocore 1.43.107 service model.
    kinds(['plant-memory'], { tenant: id(), user: id(), text: prose(16_000) }),
  ]);
};

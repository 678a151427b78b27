// Whose user is a caller, and whose object is meant: which tags and inputs name a tenant?

import { type Complaint, UsageError } from '../domain/usage-error.ts';
import type { PolicySet } from '../protocol/cedar.ts';
import { suggestion } from '../scenario/wording.ts';
import { behindGateways, type Gateway } from './gateways.ts';
import { emptyReading, readPolicy } from './space/reading.ts';

/** Names of tags (claims) and of top-level inputs. */
export interface Tenancy {
  readonly tags: readonly string[];
  readonly inputs: readonly string[];
}

/** Names that are taken for a tenant's, in tags also behind `custom:`. Assumed. */
const TENANT_NAME =
  /^(?:custom:)?(?:tenant|clinic|hospital|org|organi[sz]ation|customer|company|workspace|account)(?:[_-]?(?:id|name))?$/i;

/** What a claim is called where no policy reads one that names a tenant: as in the reference. */
const USUAL_TAG = 'tenant';

/**
 * The tags and inputs that name a tenant: those asked for, else those so called. Throws a UsageError
 * for an input that no tool takes.
 */
export const tenancyOf = (
  sets: readonly PolicySet[],
  gateways: readonly Gateway[],
  asked: {
    readonly tags: readonly string[] | undefined;
    readonly inputs: readonly string[] | undefined;
  },
): Tenancy => {
  const fields = [
    ...new Set(
      behindGateways(gateways).flatMap(({ inputSchema }) => Object.keys(inputSchema.properties)),
    ),
  ];
  const complaints = (asked.inputs ?? [])
    .filter((name) => !fields.includes(name))
    .map(
      (name): Complaint => ({
        file: '--tenant-input',
        message: `no tool takes an input \`${name}\``,
        hint: suggestion(name, fields, 'inputs of the tools'),
      }),
    );
  if (complaints.length > 0) throw new UsageError(complaints);
  const called = tagsRead(sets).filter((name) => TENANT_NAME.test(name));
  return {
    tags: asked.tags ?? (called.length > 0 ? called : [USUAL_TAG]),
    inputs: asked.inputs ?? fields.filter((name) => TENANT_NAME.test(name)),
  };
};

/** The names of all tags that any policy reads. */
export const tagsRead = (sets: readonly PolicySet[]): readonly string[] => {
  const reading = emptyReading();
  for (const { policies } of sets) for (const { json } of policies) readPolicy(json, reading);
  return [...reading.sightings.values()].flatMap(({ variable }) =>
    variable.kind === 'tag' ? [variable.name] : [],
  );
};

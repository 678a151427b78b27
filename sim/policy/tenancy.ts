// Whose user is a caller, and whose object is meant: which tags and inputs say so?

import { type Complaint, UsageError } from '../domain/usage-error.ts';
import type { PolicySet } from '../protocol/cedar.ts';
import { suggestion } from '../scenario/wording.ts';
import { behindGateways, type Gateway } from './gateways.ts';
import { tagsRead } from './space.ts';

/** Names of tags (claims) and of top-level inputs. */
export interface Tenancy {
  readonly tenantTags: readonly string[];
  readonly tenantInputs: readonly string[];
  readonly tierTag: string;
  readonly roleTag: string;
  readonly zoneTag: string;
}

/** What the user named; `undefined` where names are to be found. */
export interface NamedTenancy {
  readonly tags: readonly string[] | undefined;
  readonly inputs: readonly string[] | undefined;
}

/** Names that are taken for a tenant's, in tags also behind `custom:`. Assumed. */
const TENANT =
  /^(?:custom:)?(?:tenant|clinic|hospital|org|organi[sz]ation|customer|company|workspace|account)(?:[_-]?(?:id|name))?$/i;
const TIER = /^(?:custom:)?(?:tier|plan)$/i;
const ROLE = /^(?:custom:)?roles?$/i;
const ZONE = /^(?:custom:)?(?:zone|time_?zone|zoneinfo)$/i;

/**
 * The tags and inputs that name a tenant: those asked for, else those so called. Where no policy
 * reads such a tag, it is called as in the reference. Throws a UsageError for an input that no tool
 * takes.
 */
export const tenancyOf = (
  sets: readonly PolicySet[],
  gateways: readonly Gateway[],
  named: NamedTenancy,
): Tenancy => {
  const fields = fieldsOf(gateways);
  const complaints = (named.inputs ?? [])
    .filter((name) => !fields.includes(name))
    .map(
      (name): Complaint => ({
        file: '--tenant-input',
        message: `no tool takes an input \`${name}\``,
        hint: suggestion(name, fields, 'inputs of the tools'),
      }),
    );
  if (complaints.length > 0) throw new UsageError(complaints);
  const read = tagsRead(sets);
  const tag = (called: RegExp, usual: string): string =>
    read.find((name) => called.test(name)) ?? usual;
  const tenants = read.filter((name) => TENANT.test(name));
  return {
    tenantTags: named.tags ?? (tenants.length > 0 ? tenants : ['tenant']),
    tenantInputs: named.inputs ?? fields.filter((name) => TENANT.test(name)),
    tierTag: tag(TIER, 'tier'),
    roleTag: tag(ROLE, 'role'),
    zoneTag: tag(ZONE, 'zone'),
  };
};

const fieldsOf = (gateways: readonly Gateway[]): readonly string[] => [
  ...new Set(
    behindGateways(gateways).flatMap(({ inputSchema }) => Object.keys(inputSchema.properties)),
  ),
];

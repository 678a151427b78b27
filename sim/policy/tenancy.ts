// Whose user is a caller, and whose object is meant: which tags and inputs say so?

import { type Complaint, UsageError } from '../domain/usage-error.ts';
import type { PolicySet } from '../protocol/cedar.ts';
import { suggestion } from '../scenario/wording.ts';
import { behindGateways, type Gateway } from './gateways.ts';
import { fieldsOf, type TenantNames, tagsRead } from './space.ts';

/** Names of tags (claims), and inputs by their paths, such as `filter.clinic_id`. */
export interface Tenancy extends TenantNames {
  readonly tierTag: string;
  readonly roleTag: string;
  readonly zoneTag: string;
}

/** What the user named; `undefined` where names are to be found. */
export interface NamedTenancy {
  readonly tags: readonly string[] | undefined;
  readonly inputs: readonly string[] | undefined;
}

/** What names of tenants and of tiers are made of. Assumed. */
export const TENANT_WORDS: readonly string[] =
  'tenant clinic hospital org organization organisation customer company workspace account'.split(
    ' ',
  );
export const TIER_WORDS: readonly string[] = ['tier', 'plan'];

/** Names that are taken for a tenant's, in tags also behind `custom:`. Assumed. */
const TENANT = new RegExp(`^(?:custom:)?(?:${TENANT_WORDS.join('|')})(?:[_-]?(?:id|name))?$`, 'i');
const TIER = new RegExp(`^(?:custom:)?(?:${TIER_WORDS.join('|')})$`, 'i');
const ROLE = /^(?:custom:)?roles?$/i;
const ZONE = /^(?:custom:)?(?:zone|time_?zone|zoneinfo)$/i;

/**
 * The tags and inputs that name a tenant: those asked for, else those so called, wherever in the
 * input they stand. Where no policy reads such a tag, it is called as in the reference. Throws a
 * UsageError for an input that no tool takes, or that is a record or a list.
 */
export const tenancyOf = (
  sets: readonly PolicySet[],
  gateways: readonly Gateway[],
  named: NamedTenancy,
): Tenancy => {
  const fields = behindGateways(gateways).flatMap(({ inputSchema }) => fieldsOf(inputSchema));
  const single = [...new Set(fields.filter(({ isSingle }) => isSingle).map(({ path }) => path))];
  const complaints = (named.inputs ?? [])
    .filter((name) => !single.includes(name))
    .map((name): Complaint => {
      const isThere = fields.some(({ path }) => path === name);
      return {
        file: '--tenant-input',
        message: isThere
          ? `the input \`${name}\` holds more than one value`
          : `no tool takes an input \`${name}\``,
        hint: suggestion(name, single, 'inputs of the tools'),
      };
    });
  if (complaints.length > 0) throw new UsageError(complaints);
  const read = tagsRead(sets);
  const tag = (called: RegExp, usual: string): string =>
    read.find((name) => called.test(name)) ?? usual;
  const tenants = read.filter((name) => TENANT.test(name));
  return {
    tenantTags: named.tags ?? (tenants.length > 0 ? tenants : ['tenant']),
    tenantInputs: named.inputs ?? single.filter(isTenantPath),
    tierTag: tag(TIER, 'tier'),
    roleTag: tag(ROLE, 'role'),
    zoneTag: tag(ZONE, 'zone'),
  };
};

/** Every tag that a policy reads and that is so called as to tell the tenant or the tier. */
export const identityTagsOf = (sets: readonly PolicySet[]): readonly string[] =>
  tagsRead(sets).filter((name) => TENANT.test(name) || TIER.test(name));

/** By the last name of a path, or by the last two: `filter.clinic_id`, `clinic.id`. */
const isTenantPath = (path: string): boolean => {
  const names = path.split('.');
  return [names.slice(-1), names.slice(-2)].some((last) => TENANT.test(last.join('_')));
};

// Who may read a secret: its label, and whether a reader is among the label's readers.

/**
 * Who may read. Tenants count by incarnation (one life of a tenant id), users by membership (one
 * stay of a user in one incarnation), so that a name used twice is two owners.
 */
export type Label =
  | { readonly kind: 'public' }
  | { readonly kind: 'tenant'; readonly incarnation: string; readonly roles?: readonly string[] }
  | { readonly kind: 'user'; readonly incarnation: string; readonly membership: string };

/** Someone who reads: a user in a role, an outsider (no incarnation). */
export interface Reader {
  readonly incarnation: string | undefined;
  readonly membership: string | undefined;
  readonly role: string | undefined;
}

export const OUTSIDER: Reader = { incarnation: undefined, membership: undefined, role: undefined };

/** True when `reader` is among the label's readers. */
export const mayRead = (label: Label, reader: Reader): boolean => {
  if (label.kind === 'public') return true;
  if (label.incarnation !== reader.incarnation) return false;
  if (label.kind === 'user') return label.membership === reader.membership;
  return (
    label.roles === undefined || (reader.role !== undefined && label.roles.includes(reader.role))
  );
};

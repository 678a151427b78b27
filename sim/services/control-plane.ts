// What does the operator do to the platform: open and close tenants, change tiers and roles, load their data.

import { encodeId } from '../domain/caller.ts';
import type { Directory, Operation, TenantRecord } from '../domain/directory.ts';
import type { Hop } from '../domain/ports.ts';
import { hash32 } from '../kernel/chance.ts';

/** The operator's side of the platform. Its own tenant ids are the incarnations, never issued twice. */
export class ControlPlane {
  readonly #directory: Directory;
  readonly #rotateKeys: () => void;

  constructor(directory: Directory, rotateKeys: () => void) {
    this.#directory = directory;
    this.#rotateKeys = rotateKeys;
  }

  async operate(operation: Operation, hop: Hop): Promise<void> {
    const { tenants, users } = this.#directory;
    switch (operation.kind) {
      case 'open-tenant': {
        const { tier, zone } = operation;
        const id = tenantId(operation.incarnation);
        tenants.set(id, { id, tier, zone, status: 'active' });
        return;
      }
      case 'open-user':
        users.set(operation.username, {
          sub: subOf(operation.username),
          username: operation.username,
          password: operation.password,
          tenant: tenantId(operation.incarnation),
          role: operation.role,
          enabled: true,
        });
        return;
      case 'set-tier':
        this.#tenant(operation.incarnation).tier = operation.tier;
        return;
      case 'set-status':
        this.#tenant(operation.incarnation).status = operation.status;
        return;
      case 'close-tenant':
        this.#close(operation.incarnation, hop);
        return;
      case 'close-user': {
        const user = users.get(operation.username);
        if (user !== undefined) user.enabled = false;
        return;
      }
      case 'set-role': {
        const user = users.get(operation.username);
        if (user !== undefined) user.role = operation.role;
        return;
      }
      case 'rotate-keys':
        this.#rotateKeys();
        return;
      case 'put-patient':
        hop
          .store('table')
          .put(`P#${tenantId(operation.incarnation)}`, `PATIENT#${operation.id}`, operation.record);
        return;
      case 'put-configuration':
        hop.store('table').put(`T#${tenantId(operation.incarnation)}`, 'CONFIG', operation.record);
        return;
      case 'put-document':
        // The owner is stamped at ingestion from the operator's own order; a sidecar is not read.
        hop.store('knowledge').put(tenantId(operation.incarnation), operation.id, operation.text);
        return;
    }
  }

  /** Closes the tenant at once and purges its data; the purge runs later, as the real one does. */
  #close(incarnation: string, hop: Hop): void {
    const record = this.#tenant(incarnation);
    record.status = 'closed';
    for (const user of this.#directory.users.values()) {
      if (user.tenant === record.id) user.enabled = false;
    }
    hop.later(PURGE_AFTER_US, async (job) => {
      for (const [store, partition] of [
        ['table', `T#${record.id}`],
        ['table', `P#${record.id}`],
        ['knowledge', record.id],
      ] as const) {
        for (const item of job.store(store).query(partition))
          job.store(store).delete(partition, item.sort);
      }
      const owner = `${encodeId(record.id)}/`;
      for (const [store, prefix] of [
        ['memory-events', `["${owner}`],
        ['memory-records', `/${owner}`],
      ] as const) {
        for (const item of job.store(store).scan(prefix))
          job.store(store).delete(item.partition, item.sort);
      }
    });
  }

  #tenant(incarnation: string): TenantRecord {
    const record = this.#directory.tenants.get(tenantId(incarnation));
    if (record === undefined) throw new Error(`no such tenant: ${incarnation}`);
    return record;
  }
}

/** How long a purge takes to begin. Source: "deletions lag by minutes"; 5 minutes is assumed. */
const PURGE_AFTER_US = 300_000_000;

/** The platform's name for one life of a tenant: `id` for the first, `id:n` for the n-th. */
export const tenantId = (incarnation: string): string => incarnation.replace(/:1$/, '');

/** A `sub` in the shape of a UUID, fixed by the user name, which is unique over the pool. */
const subOf = (username: string): string => {
  const parts = [0, 1, 2, 3].map((part) =>
    (hash32(`${part} ${username}`) >>> 0).toString(16).padStart(8, '0'),
  );
  const hex = parts.join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
};

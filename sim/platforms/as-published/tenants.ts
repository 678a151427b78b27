// What becomes of a tenant over time: nothing but what an operator can do to users by hand.

import type { Directory, Operation } from '../../domain/directory.ts';
import type { Rule } from '../../domain/fidelity.ts';
import type { Hop } from '../../domain/ports.ts';
import type { ControlPlane } from '../../services/control-plane.ts';

export const TENANT_RULES: readonly Rule[] = [
  {
    service: 'identity',
    rule: 'a suspended or closed tenant is one whose users cannot sign in; its tokens live on, and no service asks for a status',
    source: 'sample, no life cycle of tenants anywhere (W78); disabling users: assumed',
    standing: 'documented',
  },
  {
    service: 'identity',
    rule: 'a tenant is called by its plain name in every life, and what it leaves behind stays: table, documents, memory',
    source: 'sample, populate_healthcare_data.py; no delete by tenant (W78)',
    standing: 'documented',
  },
];

/** The operator's side: the reference's mechanics under names that are issued again and again. */
export class PublishedTenants {
  readonly #control: ControlPlane;
  readonly #directory: Directory;
  /** Users whose own account was closed: no resumption of their tenant opens it again. */
  readonly #closed = new Set<string>();

  constructor(control: ControlPlane, directory: Directory) {
    this.#control = control;
    this.#directory = directory;
  }

  async operate(operation: Operation, hop: Hop): Promise<void> {
    switch (operation.kind) {
      case 'set-status':
        return this.#enable(nameOf(operation.incarnation), operation.status === 'active');
      case 'close-tenant':
        return this.#close(nameOf(operation.incarnation));
      case 'close-user':
        this.#closed.add(operation.username);
        return this.#control.operate(operation, hop);
      default:
        return this.#control.operate(inFirstLife(operation), hop);
    }
  }

  #enable(name: string, enabled: boolean): void {
    for (const user of this.#directory.users.values())
      if (user.tenant === name && !this.#closed.has(user.username)) user.enabled = enabled;
  }

  #close(name: string): void {
    this.#enable(name, false);
    for (const user of this.#directory.users.values())
      if (user.tenant === name) this.#closed.add(user.username);
  }
}

const nameOf = (incarnation: string): string => incarnation.replace(/:\d+$/, '');

/** Every life is told to the control plane as the first, which it calls by the bare name. */
const inFirstLife = (operation: Operation): Operation =>
  'incarnation' in operation
    ? { ...operation, incarnation: `${nameOf(operation.incarnation)}:1` }
    : operation;

// Whose is this MCP session: each opened by one user, found by that user alone, and not for ever.

import type { Chance } from '../../kernel/chance.ts';
import { HOUR_US } from '../../kernel/clock.ts';

/** How long a session lives without a request: assumed. */
export const MCP_SESSION_IDLE_US = HOUR_US;
/** Sessions of one user at the most; the one unused the longest makes room. Assumed. */
export const MCP_SESSIONS_MAX = 64;

interface Session {
  readonly owner: string;
  usedUs: number;
}

export class McpSessions {
  /** Unused the longest stand first. */
  readonly #sessions = new Map<string, Session>();
  readonly #owned = new Map<string, Set<string>>();

  /** Opens a session and gives its id, 32 hexadecimal digits. */
  open(owner: string, chance: Chance, nowUs: number): string {
    this.#forgetIdle(nowUs);
    const own = this.#owned.get(owner) ?? new Set();
    this.#owned.set(owner, own);
    if (own.size >= MCP_SESSIONS_MAX) this.end(longestUnused(own, this.#sessions));
    let id = chance.hex(32);
    // An id that is in use must never come to name another's session.
    while (this.#sessions.has(id)) id = chance.hex(32);
    this.#sessions.set(id, { owner, usedUs: nowUs });
    own.add(id);
    return id;
  }

  /** True when the session lives and is the owner's: it has then been used. */
  use(id: string, owner: string, nowUs: number): boolean {
    this.#forgetIdle(nowUs);
    const session = this.#sessions.get(id);
    if (session?.owner !== owner) return false;
    session.usedUs = nowUs;
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return true;
  }

  end(id: string): void {
    const owner = this.#sessions.get(id)?.owner;
    this.#sessions.delete(id);
    if (owner === undefined) return;
    const own = this.#owned.get(owner);
    own?.delete(id);
    if (own?.size === 0) this.#owned.delete(owner);
  }

  #forgetIdle(nowUs: number): void {
    for (const [id, { usedUs }] of this.#sessions) {
      if (nowUs - usedUs < MCP_SESSION_IDLE_US) return;
      this.end(id);
    }
  }
}

const longestUnused = (
  own: ReadonlySet<string>,
  sessions: ReadonlyMap<string, Session>,
): string => {
  let found = '';
  let usedUs = Number.POSITIVE_INFINITY;
  for (const id of own) {
    const session = sessions.get(id);
    if (session === undefined || session.usedUs >= usedUs) continue;
    found = id;
    usedUs = session.usedUs;
  }
  return found;
};

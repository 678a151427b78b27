// Whose secret is in this text? Finds what must never be printed, and writes something in its place.

/** Shorter values stand in texts by chance, so they are not taken. */
export const SECRET_CHARACTERS_MIN = 8;

/** What looks like a token that nobody noted. */
const BEARER = /eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g;
const AUTHORIZATION = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;

interface Noted {
  readonly value: string;
  readonly owner: string;
}

/**
 * Secrets of a run, from the environment or as the target issued them. They are found as they are,
 * and as JSON, URLs and base64 spell them; the time it takes does not grow with their number.
 */
export class Secrets {
  /** By their first characters. */
  readonly #noted = new Map<string, Noted[]>();

  /** `owner` says in reports what stood there. */
  note(secret: string, owner: string): void {
    if (secret.length < SECRET_CHARACTERS_MIN) return;
    for (const value of spellings(secret)) {
      const key = value.slice(0, SECRET_CHARACTERS_MIN);
      const known = this.#noted.get(key) ?? [];
      if (known.some((one) => one.value === value)) continue;
      // The longest first, so that no secret that begins another hides the rest of it.
      this.#noted.set(
        key,
        [...known, { value, owner }].sort((a, b) => b.value.length - a.value.length),
      );
    }
  }

  /** The text with what `written` gives in place of every secret that is noted. */
  replaced(text: string, written: (owner: string) => string): string {
    let done = '';
    let from = 0;
    for (let at = 0; at + SECRET_CHARACTERS_MIN <= text.length; at += 1) {
      const candidates = this.#noted.get(text.slice(at, at + SECRET_CHARACTERS_MIN));
      const found = candidates?.find(({ value }) => text.startsWith(value, at));
      if (found === undefined) continue;
      done += text.slice(from, at) + written(found.owner);
      from = at + found.value.length;
      at = from - 1;
    }
    return from === 0 ? text : done + text.slice(from);
  }

  /** The text without any secret, noted or by its looks: fit for a report. */
  redacted(text: string): string {
    return this.replaced(text, (owner) => `<secret of ${owner}>`)
      .replaceAll(BEARER, '<bearer token>')
      .replaceAll(AUTHORIZATION, '$1 <secret>');
  }

  /** Nothing that writes objects down writes a secret down. */
  toJSON(): string {
    return '<secrets>';
  }
}

const spellings = (secret: string): ReadonlySet<string> =>
  new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    // Cut where what follows would change the last character.
    Buffer.from(secret)
      .toString('base64')
      .slice(0, Math.floor((secret.length * 4) / 3)),
  ]);

// Does a text show a secret that is for its addressee alone: a bearer token, or credentials?

type Secret = 'a bearer token' | 'credentials';

const BEARER = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/;
const SESSION_TOKEN = /IQoJ[0-9a-f]{60}/;

/** What kind of secret a text shows by its form, plain or wrapped in base64 or hex, if it does. */
export const secretIn = (text: string): Secret | undefined =>
  plainly(text) ?? (WRAPPED.test(text) ? unwrapped(text) : undefined);

const plainly = (text: string): Secret | undefined => {
  // Nearly every text holds neither beginning, and a search for them is the cheapest way to see it.
  if (text.includes('eyJ') && BEARER.test(text)) return 'a bearer token';
  if (text.includes('IQoJ') && SESSION_TOKEN.test(text)) return 'credentials';
  return undefined;
};

/** How a beginning is spelt in hex and, where it stands at any place of a group, in base64. */
const spellings = (beginning: string): readonly string[] => {
  const hex = Buffer.from(beginning).toString('hex');
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.from('-'.repeat(before) + beginning)
      .toString('base64')
      .slice(Math.ceil((before * 4) / 3), Math.floor(((before + beginning.length) * 4) / 3)),
  );
  return [...inBase64, hex, hex.toUpperCase()];
};

const WRAPPED = new RegExp([...spellings('eyJ'), ...spellings('IQoJ')].join('|'));
/** Shorter than either secret in any wrapping. */
const RUN = /[\w+/-]{24,}/g;

const unwrapped = (text: string): Secret | undefined => {
  for (const [run] of text.matchAll(RUN)) {
    if (!WRAPPED.test(run)) continue;
    const found =
      plainly(Buffer.from(run, 'base64').toString('latin1')) ??
      plainly(Buffer.from(run, 'hex').toString('latin1'));
    if (found !== undefined) return found;
  }
  return undefined;
};

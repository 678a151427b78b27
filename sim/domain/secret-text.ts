// Does a text show a secret that is for its addressee alone: a bearer token, or credentials?

const BEARER = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/;
const SESSION_TOKEN = /IQoJ[0-9a-f]{60}/;

/** What kind of secret a text shows by its form, if it does. */
export const secretIn = (text: string): 'a bearer token' | 'credentials' | undefined => {
  // Nearly every text holds neither beginning, and a search for them is the cheapest way to see it.
  if (text.includes('eyJ') && BEARER.test(text)) return 'a bearer token';
  if (text.includes('IQoJ') && SESSION_TOKEN.test(text)) return 'credentials';
  return undefined;
};

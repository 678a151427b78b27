// How is a name typed so that a shell takes it for one word?

/** The word as it is, or in quotes where a shell would read more into it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

// Where do the test and the second run that it starts leave things for each other?

/** The variable of the environment that names the folder; the second run inherits it. */
export const ROOM = 'POOLPROOF_NONDETERMINISM';

export const room = (): string => {
  const folder = process.env[ROOM];
  if (folder === undefined) throw new Error(`${ROOM} names no folder`);
  return folder;
};

export const SCENARIO = 'small.yaml';
export const HISTORIES = 'elsewhere.json';

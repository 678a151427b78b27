// Where may a test write: in a folder that the file has for itself while its tests run.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let room: string | undefined;

/** Makes a new folder for the tests of the next file. */
export const openRoom = (): void => {
  room = mkdtempSync(join(tmpdir(), 'poolproof-'));
  // Modules in it are ES modules, as those in the project are.
  writeFileSync(join(room, 'package.json'), '{ "type": "module" }');
};

/** Removes it with all that is in it. */
export const closeRoom = (): void => {
  if (room !== undefined) rmSync(room, { recursive: true, force: true });
  room = undefined;
};

/** A path in the folder of the file whose tests run. */
export const placeOf = (name: string): string => {
  if (room === undefined) throw new Error('no test is running');
  return join(room, name);
};

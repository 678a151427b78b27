// Before the tests of each file: a folder of its own to write to, gone after them; reports in it are held to their schemas.

import '../sim/cli/v8-flags.ts';
import { afterAll, expect } from 'vitest';
import { closeRoom, openRoom, placeOf } from './room.ts';
import { reportsNotHeld } from './schemas/held.ts';

openRoom();
afterAll(() => {
  const complaints = reportsNotHeld(placeOf('.'));
  closeRoom();
  expect(complaints, 'a report is not as its JSON Schema says').toEqual([]);
});

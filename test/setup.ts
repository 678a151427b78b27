// Before the tests of each file: a folder of its own to write to, gone after them.

import '../sim/cli/v8-flags.ts';
import { afterAll } from 'vitest';
import { closeRoom, openRoom } from './room.ts';

openRoom();
afterAll(closeRoom);

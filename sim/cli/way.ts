// How does a command speak, end, and come to its seed?

import type { ExitCode } from '../domain/exit-code.ts';
import type { Voice } from './voice.ts';

export interface Way {
  readonly voice: Voice;
  readonly end: (code: ExitCode) => void;
  readonly seeded: <F extends { readonly seed?: string }>(flags: F) => F;
}

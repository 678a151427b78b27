// What is asked of one target: the flags as they were typed, and everything read that they name.

import type { LoadedTarget } from '../../load.ts';
import type { Asked, RunOptions } from '../inputs.ts';
import type { Voice } from '../voice.ts';

export interface TargetFlags {
  readonly target?: string;
  readonly targetUrl?: string;
  readonly allowHost?: readonly string[];
  readonly maxRate?: string;
  readonly dryRun?: boolean;
}

export interface TargetedFlags extends RunOptions, TargetFlags {
  readonly replicas?: string;
  readonly limiter?: string;
  readonly saturate?: string;
  readonly duration?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
}

/** What is asked of one target. */
export interface TargetOrder {
  readonly file: string;
  readonly flags: TargetedFlags;
  readonly asked: Asked;
  readonly loaded: LoadedTarget;
  /** SHA-256 of the target file and the URL in its place. */
  readonly hash: string;
  readonly maxRate: number | undefined;
  readonly durationUs: number;
  readonly voice: Voice;
}

// How does a test use poolproof as its users do: by what they type, in a folder of its own?

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { VERSION } from '../sim/cli/files.ts';
import { typed } from '../sim/cli/program.ts';
import type { Voice } from '../sim/cli/voice.ts';
import { placeOf } from './room.ts';
import { ROOT } from './tidy/house.ts';

export const EXECUTABLE = join(ROOT, 'sim', 'poolproof.mjs');

/** What a command left behind; `code` is null when a signal ended its process. */
export interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Settings {
  /** The project's own folder unless given. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets the process as soon as it runs, e.g. to send it a signal. */
  readonly meanwhile?: (child: ChildProcess) => void;
}

/**
 * Does what is typed within the test's own process, which has loaded everything already. Not in two
 * folders at a time: a process is in one.
 */
export const poolproof = async (
  given: readonly string[],
  { cwd = ROOT, drawSeed = () => 0 }: Pick<Settings, 'cwd'> & { drawSeed?: () => number } = {},
): Promise<Told> => {
  const said = { stdout: '', stderr: '' };
  const voice: Voice = {
    out: (text) => {
      said.stdout += text;
    },
    err: (text) => {
      said.stderr += text;
    },
    columns: 100,
    colour: false,
    lively: false,
    stopped: () => false,
    version: VERSION,
  };
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const code = await typed(given, voice, drawSeed);
    return { code, ...said };
  } finally {
    process.chdir(before);
  }
};

/** Runs `poolproof` in a process of its own; the test's other work, such as a server, goes on. */
export const spawned = (given: readonly string[], settings: Settings = {}): Promise<Told> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, [EXECUTABLE, ...given], {
      cwd: settings.cwd ?? ROOT,
      env: { ...process.env, NO_COLOR: '1', ...settings.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    child.on('error', failed).on('close', (code) => done({ code, ...said }));
    settings.meanwhile?.(child);
  });

/** Puts a file into the test's folder and gives its path. */
export const put = (name: string, text: string): string => {
  const path = placeOf(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

/** Everything under a folder, empty when it is not there. */
export const filesUnder = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
};

/**
 * A module with a platform: the reference with what `services` says. In it `base` is the reference
 * and `top` stands before the function.
 */
export const platformModule = (name: string, services: string, top = ''): string => {
  const from = relative(dirname(placeOf(name)), join(ROOT, 'sim', 'index.ts'));
  return put(
    name,
    `import { type Call, type Hop, type Platform, type PlatformKit, reference } from '${from}';
${top}
export const platform = (kit: PlatformKit): Platform => {
  const base = reference(kit);
  return { ...base, name: 'odd', services: { ...base.services, ${services} } };
};
`,
  );
};

/** What `smallScenario` may be told. */
export interface Small {
  readonly start?: string;
  readonly duration?: string;
  /** Whole lines at the top level, such as `behaviour: hostile`. */
  readonly more?: string;
  readonly mix?: string;
  readonly requestsPerHour?: number;
  readonly expects?: string;
}

/** A clinic and a hospital that ask for a while; 40 requests within a second, unless told otherwise. */
export const smallScenario = (small: Small = {}): string => `version: 1
name: small
title: A clinic and a hospital ask for a while.
start: ${small.start ?? '2026-03-02T15:00:00Z'}
duration: ${small.duration ?? '20m'}
tiers:
  basic:
    model: mistral.ministral-3-8b-instruct
    wire: converse
    rate: { requestsPerSecond: 2, burst: 5 }
    quota: { requests: 50, period: day }
  premium:
    model: openai.gpt-oss-120b
    wire: chat
    rate: { requestsPerSecond: 10, burst: 20 }
    quota: { requests: 500, period: day }
tenants:
  - id: clinic-a
    tier: basic
    zone: America/New_York
    users: [{ id: dr.smith, role: physician }, { id: nurse.lee, role: nurse }]
  - id: hospital-a
    tier: premium
    zone: America/New_York
    users: [{ id: dr.foster, role: physician }, { id: nurse.young, role: nurse }]
entitlements:
  - tool: patient_context
    tiers: [basic]
    roles: [physician, nurse]
    object: own
    hours: { from: "08:00", to: "18:00" }
  - { tool: patient_context, tiers: [premium], roles: [physician, nurse], object: own }
  - { tool: clinic_config, tiers: [basic, premium], roles: [physician, nurse], object: own }
  - { tool: web_search, tiers: [premium], roles: [physician, nurse], object: none }
  - { tool: current_time, tiers: [basic, premium], roles: [physician, nurse], object: none }
traffic:
  - name: work
    tenants: all
    arrivals: { kind: constant, requestsPerHour: ${small.requestsPerHour ?? 60} }
    mix: ${small.mix ?? '{ patient_context: 2, clinic_config: 1, talk: 1 }'}
expects: ${small.expects ?? '[I1, I3, I5, I6, I10]'}
${small.more ?? ''}`;

// Which files does the project consist of, and what is a rule about them?

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Source, sourceOf } from './source.ts';

/** Gives one complaint for each place that breaks the rule; a complaint names place and cure. */
export type Rule = (sources: readonly Source[]) => readonly string[];

/** The project's folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every text file that git tracks or would add, without what only machines write. */
export const readHouse = (): readonly Source[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '' && path !== 'package-lock.json' && existsSync(ROOT + path))
    .map((path) => ({ path, text: readFileSync(ROOT + path, 'utf8') }))
    .filter(({ text }) => !text.includes('\u0000'))
    .map(({ path, text }) => sourceOf(path, text));

/** Whether the file is part of the simulation or its mocks, and code. */
export const isHouse = ({ path }: Source): boolean =>
  /^(sim|mocks)\/.*\.m?ts$|^sim\/.*\.mjs$/.test(path);

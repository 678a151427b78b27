// What does `--dry-run` do: sign in and ask once for each tenant, show it, and note that it was tried.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from 'undici';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { DryRunReport, DryRunStep } from '../../domain/target-report.ts';
import { isRecord, parsed } from '../../domain/wire.ts';
import { formatInstant } from '../../kernel/calendar.ts';
import { WallClock } from '../../kernel/wall-clock.ts';
import { dryRun, RateCap, Secrets, seatsOf } from '../../load.ts';
import { DRY_RUN_FORM, json } from '../../report.ts';
import { readText, writeWhole } from '../files.ts';
import { quoted } from '../shell-word.ts';
import type { TargetOrder } from './order.ts';

const STAMP = 'dry-run.json';

/** Whether a dry run of the same target file, at the same place, left its stamp in a folder. */
export const wasTried = (folder: string, hash: string): boolean => {
  const file = join(folder, STAMP);
  if (!existsSync(file)) return false;
  const stamp = parsed(readText(file, 'stamp of a dry run'));
  return isRecord(stamp) && stamp['hash'] === hash && stamp['isSound'] === true;
};

export const dryRunCommand = async (order: TargetOrder): Promise<ExitCode> => {
  const { voice, asked, hash, flags } = order;
  const steps = await tried(order);
  const failed = steps.filter(({ problem }) => problem !== null);
  const isSound = failed.length === 0 && steps.length === order.loaded.target.tenants.length;
  const sentence =
    `${isSound ? 'tried' : 'inconclusive: tried'} ${steps.length} of ${order.loaded.target.tenants.length} ` +
    `tenants of ${order.loaded.target.name}, ${failed.length} without an answer that can be read`;
  const { url } = order.loaded.target;
  const atUtc = formatInstant(new WallClock().nowUs());
  const report: DryRunReport = { sentence, hash, isSound, atUtc, url, steps };
  const text = json(DRY_RUN_FORM, report);
  writeWhole(asked.folder, [{ name: STAMP, text }]);
  if (flags.stdout === 'json') voice.out(text);
  else {
    voice.out(`${sentence}.\n`);
    if (flags.quiet !== true) voice.out(textOf(order, steps));
  }
  return isSound ? 0 : 4;
};

const tried = async ({ loaded, flags, maxRate, voice }: TargetOrder): Promise<DryRunStep[]> => {
  const { target, secrets: environment } = loaded;
  const clock = new WallClock();
  const dispatcher = new Agent();
  const secrets = new Secrets();
  for (const [name, value] of environment) secrets.note(value, name);
  const seats = [...seatsOf(target).values()];
  const steps: DryRunStep[] = [];
  try {
    for (const { id } of target.tenants) {
      const seat = seats.find(({ tenant }) => tenant === id);
      if (seat === undefined || voice.stopped()) continue;
      steps.push(
        await dryRun(
          {
            ...{ clock, dispatcher: () => dispatcher, allowed: new Set(flags.allowHost ?? []) },
            ...{ target, environment, secrets, cap: new RateCap(clock, maxRate) },
          },
          seat,
          { prompt: PROMPT, session: `session-${randomBytes(16).toString('hex')}` },
        ),
      );
    }
  } finally {
    await dispatcher.destroy();
    clock.close();
  }
  return steps;
};

const PROMPT = 'please say hello';

const textOf = (order: TargetOrder, steps: readonly DryRunStep[]): string =>
  [
    ...steps.map(({ tenant, user, shown, problem }) =>
      [
        `\n${tenant} (${user})`,
        ...shown.map((line) => `  ${line}`),
        ...(problem === null ? [] : [`  failed ${problem}`]),
      ].join('\n'),
    ),
    '',
    `stamp    ${join(order.asked.folder, STAMP)}`,
    `replay   npx poolproof load ${quoted(order.file)} --target ${quoted(order.flags.target ?? '')} --dry-run`,
    '',
  ].join('\n');

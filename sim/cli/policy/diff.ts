// What does `poolproof policy diff` do: ask two policy folders the same questions, and say what changed.

import { join } from 'node:path';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { PolicyDiff } from '../../domain/policy-diff.ts';
import { type DiffSide, diffOf } from '../../policy/diff.ts';
import { gatewayTools, type PolicyFolder } from '../../policy.ts';
import { diffSentence, diffText } from '../../report/policy-diff-text.ts';
import { prepareFolder, writeWhole } from '../files.ts';
import { Complaints } from '../options.ts';
import type { Voice } from '../voice.ts';
import { readPolicyFolder } from './folder.ts';
import { shellWord } from './shell-word.ts';
import { type SpaceFlags, spaceOptions, termsOf } from './terms.ts';

export interface DiffFlags extends SpaceFlags {
  readonly out?: string;
  readonly stdout?: string;
  readonly quiet?: boolean;
  readonly failOnChange?: boolean;
}

/**
 * Exit code 1 when something is allowed now across tenants, 4 when not every question could be
 * asked, 3 for any change with `--fail-on-change`, else 0: a change as such is no failure.
 */
export const diffCommand = (
  before: string,
  after: string,
  flags: DiffFlags,
  voice: Voice,
): ExitCode => {
  const complaints = new Complaints();
  const [old, now] = [before, after].map((named) =>
    complaints.attempt(() => readPolicyFolder(named)),
  );
  const out = flags.out ?? join('out', 'policy-diff');
  complaints.attempt(() => prepareFolder(out));
  if (flags.stdout !== undefined && flags.stdout !== 'json')
    complaints.wrong('--stdout', flags.stdout, '`json`');
  if (old === undefined || now === undefined) complaints.tell();
  if (old === undefined || now === undefined) throw new Error('a sound folder was not read');
  const { terms, tenancy } = termsOf([now, old], flags, complaints);
  complaints.tell();
  const judged = diffOf(sideOf(old), sideOf(now), {
    terms,
    tenancy,
    failOnChange: flags.failOnChange === true,
    isStopped: voice.stopped,
  });
  const report: PolicyDiff = {
    ...judged,
    version: voice.version,
    old: before,
    new: after,
    sentence: diffSentence(judged),
    replay: [
      `npx poolproof policy diff ${shellWord(before)} ${shellWord(after)}`,
      ...spaceOptions(flags),
      ...(flags.failOnChange === true ? ['--fail-on-change'] : []),
    ].join(' '),
  };
  const json = `${JSON.stringify(report, null, 2)}\n`;
  writeWhole(out, [
    { name: 'policy-diff.json', text: json },
    { name: 'policy-diff.txt', text: diffText(report, 120) },
  ]);
  if (flags.stdout === 'json') voice.out(json);
  else if (flags.quiet === true) voice.out(`${report.sentence}\n`);
  else voice.out(diffText(report, voice.columns));
  return report.exitCode;
};

const sideOf = ({ gateways, policies }: PolicyFolder): DiffSide => ({
  tools: gatewayTools(gateways),
  policies,
});

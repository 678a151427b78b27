// What does `poolproof policy diff` do: ask two policy folders the same questions, and say what changed.

import type { ExitCode } from '../../domain/exit-code.ts';
import type { PolicyDiff } from '../../domain/policy-diff.ts';
import { actionOf } from '../../domain/tool.ts';
import { type DiffSide, diffOf } from '../../policy/diff.ts';
import { behindGateways, type PolicyFolder } from '../../policy.ts';
import { diffSentence, diffText } from '../../report/policy-diff-text.ts';
import { DIFF_FORM, json } from '../../report.ts';
import { Complaints } from '../options.ts';
import type { Voice } from '../voice.ts';
import { readPolicyFolder } from './folder.ts';
import { checkFlags, type PolicyFlags, replayLine, tell } from './telling.ts';
import { chosenTools, type SpaceFlags, spaceOptions, termsOf } from './terms.ts';

export interface DiffFlags extends SpaceFlags, PolicyFlags {
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
  checkFlags('diff', flags, ['json', 'text'], complaints);
  if (old === undefined || now === undefined) complaints.tell();
  if (old === undefined || now === undefined) throw new Error('a sound folder was not read');
  const { terms, tenancy } = termsOf([now, old], flags, complaints);
  const tools = [old, now].flatMap(({ gateways }) => behindGateways(gateways));
  const chosen = new Set(chosenTools(tools, flags.tool, complaints).map(actionOf));
  complaints.tell();
  const judged = diffOf(sideOf(old, chosen), sideOf(now, chosen), {
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
    replay: replayLine('diff', [before, after], {
      ...spaceOptions(flags),
      ...(flags.failOnChange === true ? { 'fail-on-change': [] } : {}),
    }),
  };
  const text = (columns: number): string => diffText(report, columns);
  tell('diff', { sentence: report.sentence, json: json(DIFF_FORM, report), text }, flags, voice);
  return report.exitCode;
};

const sideOf = ({ gateways, policies }: PolicyFolder, chosen: ReadonlySet<string>): DiffSide => ({
  tools: behindGateways(gateways).filter((tool) => chosen.has(actionOf(tool))),
  policies,
});

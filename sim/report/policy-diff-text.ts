// How does a comparison of two policy folders speak: one sentence for each change, who may now do what.

import type { PolicyChange, PolicyDiff } from '../domain/policy-diff.ts';
import type { Relation } from '../domain/policy-matrix.ts';
import { counted, figure } from './numbers.ts';
import { toolText } from './policy-matrix-text.ts';
import { wrap } from './table.ts';

type Told = Omit<PolicyDiff, 'sentence' | 'version' | 'old' | 'new' | 'replay'>;

export const diffSentence = (diff: Told): string => {
  const { allowedNow, deniedNow, acrossTenants, questions, decidedOtherwise } = diff;
  const over = counted(questions, 'question');
  const otherwise =
    decidedOtherwise === 0 ? '' : `, ${figure(decidedOtherwise)} by other policies than before`;
  const open =
    diff.overBound.length + diff.unclear.length > 0 ? ', and not all could be asked' : '';
  if (allowedNow + deniedNow === 0)
    return `Nothing changed: all of ${over} that either folder can tell apart have the same answer${otherwise}${open}.`;
  const across =
    acrossTenants === 0 ? 'none across tenants' : `${figure(acrossTenants)} ACROSS TENANTS`;
  return `${figure(allowedNow)} of ${over} are allowed that were denied, ${across}, and ${figure(deniedNow)} denied that were allowed${open}.`;
};

export const diffText = (diff: PolicyDiff, columns: number): string => {
  const wide = diff.changes.filter(({ acrossTenants }) => acrossTenants);
  const more = diff.changes.filter((one) => one.change === 'allowed now' && !one.acrossTenants);
  const less = diff.changes.filter(({ change }) => change === 'denied now');
  const blocks = [
    wrap(diff.sentence, columns),
    ...section('ISOLATION  allowed now, across tenants', wide, columns),
    ...section('Allowed now', more, columns),
    ...section('Denied now', less, columns),
    ...listed('Tools that are gone', diff.toolsGone),
    ...listed('Tools that are new', diff.toolsNew),
    ...listed(
      'Tools with another input or gateway, asked about as the new folder has them',
      diff.inputsChanged,
    ),
    ...listed('Not compared: more questions than the bound (`--most` raises it)', diff.overBound),
    ...listed(
      'Not known completely: what these conditions can tell apart',
      diff.unclear.map(({ action, condition }) => `${action}: ${condition}`),
    ),
    [
      ...(diff.changes.some(({ hours }) => hours !== null) ? [`hours    on ${diff.day}`] : []),
      `verdict  ${diff.verdict} (exit code ${diff.exitCode})`,
      `replay   ${diff.replay}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const section = (
  title: string,
  changes: readonly PolicyChange[],
  columns: number,
): readonly (readonly string[])[] =>
  changes.length === 0
    ? []
    : [[title, ...changes.flatMap((change) => item(changeText(change), columns))]];

const listed = (title: string, items: readonly string[]): readonly (readonly string[])[] =>
  items.length === 0 ? [] : [[title, ...items.map((each) => `  - ${each}`)]];

const item = (text: string, columns: number): readonly string[] =>
  wrap(text, columns - 4).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`));

/** `role nurse of tier basic may now call patient_context @basic on …, by "X"; denied until now by …`. */
const changeText = (change: PolicyChange): string => {
  const { tools, tier, objects, hours, oldBy, newBy, questions } = change;
  const may = change.change === 'allowed now' ? 'may now call' : 'may no longer call';
  const on = objects.length === 1 && objects[0] === 'none' ? '' : ` on ${objectsWords(objects)}`;
  const when = hours === null ? 'at any time' : `at ${hours}`;
  return (
    `${who(change.where)} ${may} ${toolText(tools, [tier])} ${when}${on}, ` +
    `${by(newBy)} (until now ${by(oldBy)}; ${counted(questions, 'question')})`
  );
};

const objectsWords = (objects: PolicyChange['objects']): string => {
  const has = (relation: Relation): boolean => objects.includes(relation);
  const [own, others, nobody] = [has('own'), has("another tenant's"), has('without a tenant')];
  const named = own
    ? others
      ? 'any tenant’s objects'
      : 'their own tenant’s objects'
    : others
      ? 'other tenants’ objects'
      : nobody
        ? 'any tenant’s objects'
        : '';
  return [
    named + (nobody && named !== '' ? `${others ? ', even' : ''} without having a tenant` : ''),
    has('unnamed') ? 'an object whose tenant is not named' : '',
  ]
    .filter((text) => text !== '')
    .join(', and on ');
};

const who = (where: PolicyChange['where']): string => {
  const entries = Object.entries(where);
  if (entries.length === 0) return 'anyone';
  const tags = entries.filter(([key]) => key.startsWith('tag '));
  const others = entries.filter(([key]) => !key.startsWith('tag '));
  const text = (list: typeof entries): string =>
    list
      .map(([key, values]) => `${key.replace(/^(?:tag|input) /, '')} ${values.join(', ')}`)
      .join(' and ');
  const callers = tags.length === 0 ? 'anyone' : `callers with ${text(tags)}`;
  return others.length === 0 ? callers : `${callers}, with ${text(others)},`;
};

const by = (ids: readonly string[]): string =>
  ids.length === 0 ? 'by no policy' : `by ${ids.map((id) => `"${id}"`).join(', ')}`;

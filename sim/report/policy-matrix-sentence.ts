// What is the one sentence of a matrix: proved of how many tools, refuted, or not known, by both controls?

import type { PolicyMatrix } from '../domain/policy-matrix.ts';
import { counted, figure } from './numbers.ts';

type Told = Omit<PolicyMatrix, 'sentence' | 'version' | 'folder' | 'replay'>;

export const matrixSentence = (matrix: Told): string =>
  `${[cedarClause(matrix), ...iamClause(matrix), ...entitlementClause(matrix)].join('; ')}.`;

const cedarClause = (matrix: Told): string => {
  const { counterexamples, questions, asked, overBound, unclear } = matrix;
  const over = `${counted(questions, 'question')} that the policies can tell apart, ${figure(asked)} asked of Cedar`;
  if (counterexamples.length > 0)
    return `Users of tenant A are allowed on tenant B's objects by ${counted(counterexamples.length, 'tool')}: refuted over ${over}`;
  const open = overBound.length + new Set(unclear.map(({ action }) => action)).size;
  if (open > 0)
    return `No user of tenant A was allowed on tenant B's objects in ${over}, but ${counted(open, 'tool')} could not be gone over completely: not proved`;
  return `${provedClause(matrix.extent)} over ${over}${namelessClause(matrix.extent)}`;
};

const provedClause = ({ tools, proved, nameless }: Told['extent']): string => {
  if (proved > 0)
    return `No user of tenant A is ever allowed on tenant B's objects: proved for ${proved} of ${counted(tools, 'tool')}`;
  return nameless.length > 0
    ? `Nothing is proved of users of tenant A and tenant B's objects: for none of ${counted(tools, 'tool')}`
    : `No tool has an object of a tenant: for ${counted(tools, 'tool')}`;
};

/** So many names are told; of the others how many there are. Assumed. */
const NAMES_MAX = 4;

const namelessClause = ({ nameless, withoutObject }: Told['extent']): string => {
  const all = [...nameless, ...withoutObject].map((action) => action.replace(/^.*?___/, ''));
  const names = [...new Set(all)];
  if (names.length === 0) return '';
  const others = names.length - NAMES_MAX;
  const told = [...names.slice(0, NAMES_MAX), ...(others > 0 ? [counted(others, 'other')] : [])];
  return `; ${told.join(', ')} ${names.length === 1 ? 'names' : 'name'} no tenant in ${names.length === 1 ? 'its' : 'their'} input`;
};

const iamClause = ({ controls }: Told): readonly string[] => {
  const known = controls.filter(({ iam }) => iam !== 'unknown');
  const undecided = controls.filter((row) => row.undecided.length > 0);
  const left =
    undecided.length === 0
      ? []
      : [`of ${counted(undecided.length, 'operation')} it is not known what IAM does`];
  if (known.length === 0) return left;
  const open = known.filter(({ iam }) => iam === 'open');
  const holes = controls.filter(({ kept }) => kept === 'HOLE');
  const closed = known.filter(({ iam }) => iam === 'closed');
  if (open.length > 0)
    return [
      `credentials of tenant A open tenant B's data in ${open.length} of ${counted(known.length, 'operation')}, and ${holes.length} ${holes.length === 1 ? 'is' : 'are'} kept by neither control`,
      ...left,
    ];
  return [
    `credentials of tenant A open tenant B's data in none of ${counted(known.length, 'operation')}, of which ${closed.length} ${closed.length === 1 ? 'is' : 'are'} closed to all`,
    ...left,
  ];
};

const entitlementClause = ({ entitlements }: Told): readonly string[] => {
  if (entitlements === null) return [];
  const { compared, differences, scenario } = entitlements;
  return [
    differences.length === 0
      ? `as entitled in ${scenario} in all of ${counted(compared, 'case')}`
      : `${counted(differences.length, 'difference')} from the entitlements of ${scenario} in ${counted(compared, 'case')}`,
  ];
};

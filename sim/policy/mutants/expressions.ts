// How can an expression be changed in one place: conditions dropped, operators turned, literals changed.

import { isRecord } from '../../domain/wire.ts';
import { formatInstant, parseInstantUs } from '../../kernel/calendar.ts';
import { DAY_US } from '../../kernel/clock.ts';
import {
  childrenOf,
  literalText,
  type Node,
  nodeOf,
  partOf,
  textOf,
} from '../../protocol/cedar.ts';
import type { MutationKind, Truth } from './mutation.ts';

/** An expression with one part changed. */
export interface Changed {
  readonly kind: MutationKind;
  readonly whole: unknown;
  /** The smallest part around the change that is true or false by itself; none if there is none. */
  readonly truth: Truth | undefined;
  readonly mayBeInvalid: boolean;
  readonly words: () => string;
}

/** Every way in which one place of the expression can be changed. */
export const changesOf = (expression: unknown): readonly Changed[] => {
  const node = nodeOf(expression);
  if (node === undefined) return [];
  const own = ownChanges(node, expression).map(({ kind, after, mayBeInvalid, words }) => ({
    kind,
    whole: after,
    words: words ?? (() => `${quoted(expression)} became ${quoted(after)}`),
    truth: isTruth(expression) ? { before: expression, after } : undefined,
    mayBeInvalid,
  }));
  // What a tag or a field is called is no literal that is compared.
  const inner = UNTOUCHED.has(node.operator) ? [] : (childrenOf(node) ?? []);
  const below = inner.flatMap((child, index) =>
    changesOf(child).map((changed) => {
      const whole = { [node.operator]: withChild(node, index, changed.whole) };
      const around = isTruth(expression) ? { before: expression, after: whole } : undefined;
      return { ...changed, whole, truth: changed.truth ?? around };
    }),
  );
  return [...own, ...below];
};

/** Whether the expression is true or false, as far as its operator tells. */
const isTruth = (expression: unknown): boolean => {
  const node = nodeOf(expression);
  if (node === undefined) return false;
  if (node.operator === 'if-then-else') return isTruth(partOf(node.body, 'then'));
  return TRUTHS.has(node.operator);
};

const TRUTHS: ReadonlySet<string> = new Set(
  '== != < <= > >= && || ! has hasTag contains containsAny containsAll isEmpty like is in'.split(
    ' ',
  ),
);

interface Own extends Pick<Changed, 'kind' | 'mayBeInvalid'> {
  readonly after: unknown;
  /** Where it is not told best by what was there before and what is there now. */
  readonly words?: () => string;
}

/** As Cedar writes it, cut when it is long. */
const quoted = (expression: unknown): string => {
  const text = textOf(expression);
  return `\`${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}\``;
};

const LONGEST = 90;

const UNTOUCHED: ReadonlySet<string> = new Set([
  ...['getTag', 'hasTag', 'has', '.', 'Var', 'Value'],
  // The text within is no text to Cedar.
  ...['datetime', 'duration', 'decimal', 'ip'],
]);

const ownChanges = (node: Node, expression: unknown): readonly Own[] => {
  const { operator, body } = node;
  const turned = TURNED[operator];
  const [left, right] = [partOf(body, 'left'), partOf(body, 'right')];
  if (turned !== undefined) return turned.map((other) => operatorTurned({ [other]: body }, false));
  switch (operator) {
    case '&&':
    case '||':
      return [
        {
          ...operatorTurned({ [operator === '&&' ? '||' : '&&']: body }, true),
          words: () =>
            `\`${operator}\` became \`${operator === '&&' ? '||' : '&&'}\` before ${quoted(right)}`,
        },
        dropped(left, right),
        dropped(right, left),
      ];
    case 'has':
    case 'hasTag':
    case 'contains':
    case 'containsAny':
    case 'containsAll':
    case 'like':
    case 'is':
    case 'in':
      return [operatorTurned({ '!': { arg: expression } }, true)];
    case '!':
      return [operatorTurned(partOf(body, 'arg'), true)];
    case 'if-then-else':
      return [
        { ...dropped(partOf(body, 'then'), partOf(body, 'if')), words: () => chosen(body, 'then') },
        { ...dropped(partOf(body, 'else'), partOf(body, 'if')), words: () => chosen(body, 'else') },
      ];
    case 'Set':
      return membersDropped(body);
    case 'Value':
      return literalsChanged(body);
    case 'datetime':
    case 'duration':
    case 'decimal':
      return constantsChanged(operator, body);
    default:
      return [];
  }
};

/** A comparison at its bound, and the other way round. */
const TURNED: Readonly<Record<string, readonly string[]>> = {
  '==': ['!='],
  '!=': ['=='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
};

const operatorTurned = (after: unknown, mayBeInvalid: boolean): Own => ({
  kind: 'operator turned',
  after,
  mayBeInvalid,
});

const dropped = (after: unknown, what: unknown): Own => ({
  kind: 'condition dropped',
  after,
  mayBeInvalid: true,
  words: () => `${quoted(what)} was dropped`,
});

const chosen = (body: unknown, branch: 'then' | 'else'): string =>
  `\`if ${textOf(partOf(body, 'if')).slice(0, LONGEST)}…\` was dropped, and \`${branch}\` always taken`;

const literal = (after: unknown): Own => ({ kind: 'literal changed', after, mayBeInvalid: false });

const membersDropped = (body: unknown): readonly Own[] => {
  if (!Array.isArray(body) || body.length < 2) return [];
  return body.map((_, index) => literal({ Set: body.filter((__, other) => other !== index) }));
};

const literalsChanged = (value: unknown): readonly Own[] => {
  if (typeof value === 'string') return [literal({ Value: `${value}-changed` })];
  if (typeof value === 'number') return [literal({ Value: value + 1 })];
  // `true` alone is a condition that is dropped, not a literal that is compared.
  return [];
};

const constantsChanged = (operator: string, body: unknown): readonly Own[] => {
  const constant = Array.isArray(body) ? literalText(body[0]) : undefined;
  const later = constant === undefined ? undefined : LATER[operator]?.(constant);
  return later === undefined ? [] : [literal({ [operator]: [{ Value: later }] })];
};

/** A day, an hour (or whatever the first unit is) and one more. */
const LATER: Readonly<Record<string, (constant: string) => string | undefined>> = {
  datetime: (constant) => {
    const atUs = parseInstantUs(constant.includes('T') ? constant : `${constant}T00:00:00Z`);
    return atUs === undefined ? undefined : formatInstant(atUs + DAY_US);
  },
  duration: (constant) => constant.replace(/\d+/, (count) => String(Number(count) + 1)),
  decimal: (constant) => (Number(constant) + 1).toFixed(4),
};

/** A node with another child, counted as `childrenOf` counts them. */
const withChild = ({ operator, body }: Node, index: number, child: unknown): unknown => {
  if (Array.isArray(body)) return body.map((each, at) => (at === index ? child : each));
  if (!isRecord(body)) return body;
  const name = childNames(operator, body)[index];
  return name === undefined ? body : { ...body, [name]: child };
};

const childNames = (
  operator: string,
  body: Readonly<Record<string, unknown>>,
): readonly string[] => {
  if (operator === 'Record') return Object.keys(body);
  if (operator === 'if-then-else') return ['if', 'then', 'else'];
  if ('arg' in body) return ['arg'];
  return operator === 'is' ? ['left', 'in'] : ['left', 'right'];
};

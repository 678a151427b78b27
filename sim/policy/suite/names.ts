// What do the names of a suite stand for: each looked up once, each unknown one complained of.

import { parseInstantUs } from '../../kernel/calendar.ts';
import { type Path, type Problem, problem, shown, suggestion } from '../../scenario/wording.ts';
import type { SuiteForm } from './form.ts';

export type Kind = 'principals' | 'inputs' | 'instants' | 'tools';

/** Looks names and groups up, and gathers problems. */
export class Names {
  readonly problems: Problem[] = [];
  readonly #suite: SuiteForm;
  readonly #known: Readonly<Record<Kind, ReadonlySet<string>>>;

  /** `tools` are the plain names and the actions of the folder. */
  constructor(suite: SuiteForm, tools: readonly string[]) {
    this.#suite = suite;
    this.#known = {
      principals: new Set(Object.keys(suite.principals)),
      inputs: new Set(Object.keys(suite.inputs)),
      instants: new Set(Object.keys(suite.instants)),
      tools: new Set(tools),
    };
    for (const kind of KINDS) this.#checkGroups(kind);
  }

  /** The names behind names and groups, each once. An instant may be written out. */
  all(kind: Kind, given: readonly string[], path: Path): readonly string[] {
    const found = given.flatMap((name, index) => {
      const group = this.#group(kind, name);
      if (group !== undefined) return group.filter((member) => this.#isKnown(kind, member));
      if (this.#isKnown(kind, name)) return [name];
      this.#unknown(kind, name, [...path, index]);
      return [];
    });
    return [...new Set(found)];
  }

  instantUs(name: string): number {
    const named = Object.hasOwn(this.#suite.instants, name)
      ? this.#suite.instants[name]
      : undefined;
    return named ?? parseInstantUs(name) ?? 0;
  }

  #checkGroups(kind: Kind): void {
    for (const [group, members] of Object.entries(this.#suite.groups[kind])) {
      const path = ['groups', kind, group];
      if (this.#known[kind].has(group)) {
        const message = `\`${group}\` is the name of one of the ${kind}, too`;
        this.problems.push(problem(path, message, undefined, 'key'));
      }
      for (const [index, member] of members.entries())
        if (!this.#isKnown(kind, member)) this.#unknown(kind, member, [...path, index]);
    }
  }

  #group(kind: Kind, name: string): readonly string[] | undefined {
    const groups = this.#suite.groups[kind];
    return Object.hasOwn(groups, name) ? groups[name] : undefined;
  }

  #isKnown(kind: Kind, name: string): boolean {
    return (
      this.#known[kind].has(name) || (kind === 'instants' && parseInstantUs(name) !== undefined)
    );
  }

  #unknown(kind: Kind, name: string, path: Path): void {
    const known = [...this.#known[kind], ...Object.keys(this.#suite.groups[kind])];
    const message = `unknown ${SINGULAR[kind]} ${shown(name)}`;
    this.problems.push(problem(path, message, suggestion(name, known, `known ${kind}`)));
  }
}

const KINDS: readonly Kind[] = ['principals', 'inputs', 'instants', 'tools'];

const SINGULAR: Readonly<Record<Kind, string>> = {
  principals: 'principal',
  inputs: 'input',
  instants: 'instant',
  tools: 'tool',
};

// What may be written of a user's own gateway: the text of a target file becomes a target, or its complaints.

import type { LimitContract } from '../domain/limit.ts';
import { type Complaint, UsageError } from '../domain/usage-error.ts';
import { readYaml } from '../scenario/positions.ts';
import { type Path, problem, problemsOf, worded } from '../scenario/wording.ts';
import { SECRET_CHARACTERS_MIN } from './secrets.ts';
import type { CallForm, RefusedForm, SignIn, Target, TargetTenant } from './target.ts';
import { DOCUMENT, type TargetDocument } from './target-file/document.ts';
import { targetProblems } from './target-file/soundness.ts';
import { type Environment, variablesIn } from './target-file/variables.ts';

export { targetJsonSchema } from './target-file/document.ts';
export type { Environment } from './target-file/variables.ts';

/** A target, and the values of the environment variables that it names. */
export interface LoadedTarget {
  readonly target: Target;
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * Reads a target file; `file` is only shown. Throws a UsageError with every complaint, in the order
 * of the file: those of form, of names, of secrets written out, and of variables that are not set.
 * No complaint shows what looks like a secret.
 */
export const loadTarget = (text: string, file: string, environment: Environment): LoadedTarget => {
  const { complaints, data, complaintOf } = readYaml(text, file);
  if (data === undefined) throw new UsageError(complaints);
  const read = DOCUMENT.safeParse(data, { error: worded, reportInput: true });
  const variables = variablesIn(data);
  const problems = [
    ...(read.success ? [] : problemsOf(read.error.issues)),
    ...targetProblems(data, environment),
    ...variables.flatMap(({ name, path }) => unset(name, path, environment)),
  ];
  const all = [...complaints, ...problems.map(complaintOf)];
  if (!read.success || all.length > 0) throw new UsageError(inOrder(all));
  return {
    target: targetOf(read.data),
    secrets: new Map(variables.map(({ name }) => [name, environment[name] ?? ''])),
  };
};

const unset = (name: string, path: Path, environment: Environment) => {
  const value = environment[name];
  if (value === undefined || value === '')
    return [
      problem(
        path,
        `the environment variable \`${name}\` is not set`,
        'secrets come from the environment only; the file names the variable',
      ),
    ];
  // A line break in a header would begin another header.
  if (/[^\x20-\x7e]/.test(value))
    return [problem(path, `the environment variable \`${name}\` holds more than printable ASCII`)];
  return value.length >= SECRET_CHARACTERS_MIN
    ? []
    : [
        problem(
          path,
          `the environment variable \`${name}\` holds fewer than ${SECRET_CHARACTERS_MIN} characters`,
          'so short a secret cannot be told from other text, nor kept out of reports',
        ),
      ];
};

const targetOf = (document: TargetDocument): Target => {
  const { name, url, signIn, readers, tenants, ask, answer, refused, limits } = document;
  const { canary, traces, tolerance } = document;
  return {
    ...{ name, url: url.replace(/\/+$/, ''), readers, toleranceUs: tolerance },
    signIn: signInOf(signIn),
    tenants: tenants.map(tenantOf),
    ask: { ...callFormOf(ask), timeoutUs: ask.timeout },
    answer: {
      text: answer.text,
      events: answer.sse === 'data',
      inputTokens: answer.usage?.inputTokens,
      outputTokens: answer.usage?.outputTokens,
    },
    refused: refusedOf(refused),
    limits: Object.fromEntries(
      Object.entries(limits).map(([tier, { rate, quota }]): [string, LimitContract] => [
        tier,
        { ...(rate === undefined ? {} : { rate }), ...(quota === undefined ? {} : { quota }) },
      ]),
    ),
    canary: canary && {
      kind: canary.kind,
      readers: canary.readers,
      plant: { ...callFormOf(canary.plant), id: canary.plant.id },
      clean: callFormOf(canary.clean),
    },
    traces,
  };
};

const signInOf = (form: TargetDocument['signIn']): SignIn => {
  switch (form.kind) {
    case 'static':
      return { kind: 'static', lifeUs: form.life };
    case 'cognito':
      return { kind: 'cognito', url: form.url, clientId: form.clientId, use: form.use };
    default:
      return {
        kind: form.kind,
        url: form.url,
        call: callFormOf(form),
        at: form.token,
        lifeUs: form.life,
      };
  }
};

const tenantOf = (form: TargetDocument['tenants'][number]): TargetTenant => ({
  ...{ id: form.id, tier: form.tier, zone: form.zone, weight: form.weight },
  users: form.users.map(({ name, login, role, secret }) => ({
    ...{ name, login: login ?? name, role },
    secret: secret ?? form.secret ?? '',
  })),
});

const callFormOf = (form: {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: CallForm['body'];
}): CallForm => ({
  ...{ method: form.method, path: form.path, headers: form.headers, body: form.body },
});

const refusedOf = ({ statuses, retryAfter, by }: TargetDocument['refused']): RefusedForm => ({
  ...{ statuses, retryAfter: retryAfter.toLowerCase() },
  by: by && { text: by.text, rate: by.rate, quota: by.quota },
});

const inOrder = (complaints: readonly Complaint[]): Complaint[] =>
  complaints.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

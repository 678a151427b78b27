// What does the harness know of a gateway that a user deployed: how to sign in, ask, plant and judge.

import type { LimitContract } from '../domain/limit.ts';

/** A target file as read. Texts may hold placeholders such as `{{prompt}}`; it holds no secret. */
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly signIn: SignIn;
  /** Who may read what a user said: the user alone, or everyone of the tenant. */
  readonly readers: 'user' | 'tenant';
  readonly tenants: readonly TargetTenant[];
  readonly ask: AskForm;
  readonly answer: AnswerForm;
  readonly refused: RefusedForm;
  /** By tier; a tier that is not named is promised nothing. */
  readonly limits: Readonly<Record<string, LimitContract>>;
  /** How far the target's own clocks may disagree: added to the spread that is measured. */
  readonly toleranceUs: number;
  readonly canary: CanaryForm | undefined;
  readonly traces: TracesForm | undefined;
}

export interface TargetTenant {
  readonly id: string;
  readonly tier: string;
  readonly zone: string;
  readonly weight: number;
  readonly users: readonly TargetUser[];
}

export interface TargetUser {
  readonly name: string;
  /** What the user signs in with. */
  readonly login: string;
  readonly role: string;
  /** The environment variable that holds the user's secret. */
  readonly secret: string;
}

/** How a user gets the text that a request carries as `{{token}}`. */
export type SignIn =
  | {
      readonly kind: 'cognito';
      readonly url: string | undefined;
      readonly clientId: string;
      /** Which of the tokens is presented. */
      readonly use: 'IdToken' | 'AccessToken';
    }
  | {
      readonly kind: 'form' | 'json';
      readonly url: string | undefined;
      readonly call: CallForm;
      /** Where the token stands in the answer. */
      readonly at: string;
      readonly lifeUs: number;
    }
  | { readonly kind: 'static'; readonly lifeUs: number };

/** A call to be filled in. */
export interface CallForm {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: BodyForm;
}

/** A mapping is sent as JSON (or as a form, where a sign-in says so), a text as it is. */
export type BodyForm = Readonly<Record<string, unknown>> | string | undefined;

export interface AskForm extends CallForm {
  /** How long an answer may take, and how long it may be silent. */
  readonly timeoutUs: number;
}

export interface AnswerForm {
  /** Where the text stands: in the document, or in the data of each event. */
  readonly text: string;
  readonly events: boolean;
  readonly inputTokens: string | undefined;
  readonly outputTokens: string | undefined;
}

export interface RefusedForm {
  readonly statuses: readonly number[];
  /** The header that says after how many seconds to come again. */
  readonly retryAfter: string;
  /** How a refusal tells which limit it was; without it, any limit of the tenant may have been it. */
  readonly by:
    | {
        readonly text: string;
        readonly rate: string | undefined;
        readonly quota: string | undefined;
      }
    | undefined;
}

export interface CanaryForm {
  readonly kind: 'document' | 'record' | 'memory';
  readonly readers: 'user' | 'tenant';
  readonly plant: CallForm & { readonly id: string | undefined };
  readonly clean: CallForm;
}

export interface TracesForm {
  readonly port: number;
  /** The attribute that names the tenant. */
  readonly tenant: string;
}

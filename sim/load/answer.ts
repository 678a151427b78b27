// Where in an answer is its text, and what does it say of tokens used: one document, or a stream of events?

import { createParser } from 'eventsource-parser';
import { valueAt } from './pointer.ts';
import type { AnswerForm } from './target.ts';

/** What an answer says, or why it says nothing that can be read. */
export interface AnswerText {
  /** In pieces, as they came. */
  readonly pieces: readonly string[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly malformed: string | undefined;
}

/** Reads the body of an answer, or of as much as came of it. */
export const answerText = (body: string, form: AnswerForm): AnswerText => {
  const { documents, broken } = form.events ? eventsIn(body) : documentIn(body);
  const texts = documents.map((document) => valueAt(document, form.text));
  const pieces = texts.filter((text) => typeof text === 'string');
  const usage = (pointer: string | undefined): number | undefined =>
    pointer === undefined
      ? undefined
      : documents.map((each) => valueAt(each, pointer)).findLast((value) => isCount(value));
  const nothing = pieces.length === 0 ? `no text at \`${form.text}\`` : undefined;
  return {
    pieces,
    inputTokens: usage(form.inputTokens),
    outputTokens: usage(form.outputTokens),
    malformed: broken ?? nothing,
  };
};

interface Documents {
  readonly documents: readonly unknown[];
  readonly broken: string | undefined;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const documentIn = (body: string): Documents => {
  const document = jsonOf(body);
  return document === undefined
    ? { documents: [], broken: 'no JSON' }
    : { documents: [document.value], broken: undefined };
};

/** The data of every event but the end mark of OpenAI's streams, which is none. */
const eventsIn = (body: string): Documents => {
  const documents: unknown[] = [];
  let broken: string | undefined;
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return;
      const document = jsonOf(data);
      if (document === undefined) broken = 'an event whose data is no JSON';
      else documents.push(document.value);
    },
  });
  parser.feed(body);
  parser.reset({ consume: true });
  return { documents, broken };
};

const jsonOf = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

// How does a user hear of their mistake: all complaints at once, each with place, path and hint.

/** One complaint about a user's input. `line` and `column` count from 1. */
export interface Complaint {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Where inside the document, e.g. `tenants[2].tier`. */
  readonly path?: string;
  /** One sentence in lower case without a full stop, user input in backticks. */
  readonly message: string;
  /** What to do about it; may say what was expected. */
  readonly hint?: string;
}

/** By file, and in it by place. */
export const inOrder = (complaints: readonly Complaint[]): readonly Complaint[] =>
  complaints.toSorted((a, b) =>
    a.file === b.file
      ? (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
      : a.file < b.file
        ? -1
        : 1,
  );

/** A mistake in the user's input (exit code 2). The text lists every complaint. */
export class UsageError extends Error {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(complaints.map(describe).join('\n'));
    this.name = 'UsageError';
    this.complaints = complaints;
  }
}

const describe = (complaint: Complaint): string => {
  const place = [complaint.file, complaint.line, complaint.column].filter(
    (part) => part !== undefined,
  );
  const path = complaint.path === undefined ? '' : ` ${complaint.path}:`;
  const hint = complaint.hint === undefined ? '' : `\n  hint: ${complaint.hint}`;
  return `${place.join(':')}:${path} ${complaint.message}${hint}`;
};

// What is promised? Each promise by its name and in one sentence.

export interface PromiseText {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** All promises, in order. */
export const PROMISE_TEXTS: readonly PromiseText[] = [
  { id: 'I1', name: 'No flow', text: 'No secret reaches one who is not among its readers.' },
  {
    id: 'I2',
    name: 'Noninterference',
    text: 'What others do changes nothing that an observer sees, beyond what shared resources declare.',
  },
  {
    id: 'I3',
    name: 'Complete mediation',
    text: 'Each tool effect and data access was allowed, and the answer was the right one.',
  },
  {
    id: 'I4',
    name: 'Credentials',
    text: 'Credentials serve their verified caller alone, and never after they expire.',
  },
  {
    id: 'I5',
    name: 'Attribution',
    text: 'Every span, log line and charge names its caller, and every token is charged.',
  },
  {
    id: 'I6',
    name: 'Limits',
    text: 'Each tenant is admitted what its contract promises: never more, and never less.',
  },
  {
    id: 'I7',
    name: 'Identity',
    text: 'A forged, expired or claimless bearer token is refused everywhere.',
  },
  {
    id: 'I8',
    name: 'Failing closed',
    text: 'With any service failing, slow or gone, nothing opens.',
  },
  {
    id: 'I9',
    name: 'Integrity',
    text: 'What an owner reads is its last permitted write, unaltered.',
  },
  {
    id: 'I10',
    name: 'Service',
    text: 'The entitled owner gets its data or an explicit error, never a silent absence.',
  },
  {
    id: 'I11',
    name: 'Determinism',
    text: 'The same scenario, platform, seed and version give the same history.',
  },
];

/** `I1 No flow`; an unknown id is its own name. */
export const promiseTitle = (id: string): string => {
  const known = PROMISE_TEXTS.find((promise) => promise.id === id);
  return known === undefined ? id : `${id} ${known.name}`;
};

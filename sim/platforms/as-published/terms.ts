// What do the sources leave open about the published sample: each doubtful point as a parameter.

export interface AsPublishedTerms {
  /**
   * Whether whoever signs up may choose the custom claims. Neither read nor write attributes are
   * set on the sample's app client, and then the console and CDK let all be written; the SDK's text
   * says standard attributes only. Default: true.
   */
  readonly claimsWritable: boolean;
  /**
   * What the memory hook uses when AssumeRole fails. The sample builds a session manager with the
   * runtime's own role and passes it on; that the hook falls back to it is assumed. Default: it does.
   */
  readonly memoryWithoutVending: 'runtime role' | 'nothing';
  /** The mode in which the policy engine is attached to the gateways. Default: as the sample's script has it. */
  readonly policyMode: 'ENFORCE' | 'LOG_ONLY';
  /**
   * What becomes of arguments that a tool does not declare: no schema of the sample forbids them,
   * and one of its tools reads such a one. Default: they are passed on, and no policy sees them.
   */
  readonly undeclaredArguments: 'passed' | 'refused';
  /** Which value of a repeated header reaches the proxy Lambda: undocumented. Default: the last. */
  readonly repeatedHeader: 'first' | 'last';
}

export const AS_PUBLISHED_TERMS: AsPublishedTerms = {
  claimsWritable: true,
  memoryWithoutVending: 'runtime role',
  policyMode: 'ENFORCE',
  undeclaredArguments: 'passed',
  repeatedHeader: 'last',
};

/** The zone of every clinic's business hours. Source: the sample's DEFAULT_TIMEZONE. */
export const DEFAULT_ZONE = 'America/New_York';

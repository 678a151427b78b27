// How does a build server read what was tested: JUnit XML, one suite a file of tests.

import Builder from 'fast-xml-builder';

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

export interface JunitCase {
  readonly name: string;
  /** What is wrong with it; nothing when it held. */
  readonly failure?: string;
  readonly file?: string;
  readonly line?: number;
}

/** The suites as JUnit XML. No times: they would be the wall clock's. */
export const junit = (name: string, suites: readonly JunitSuite[]): string => {
  const all = suites.flatMap(({ cases }) => cases);
  const written = new Builder({
    attributeNamePrefix: '@',
    ignoreAttributes: false,
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  }).build({
    testsuites: {
      '@name': clean(name),
      ...counts(all),
      testsuite: suites.map((suite) => ({
        '@name': clean(suite.name),
        ...counts(suite.cases),
        testcase: suite.cases.map((one) => testcase(suite.name, one)),
      })),
    },
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written}`;
};

const counts = (cases: readonly JunitCase[]) => ({
  '@tests': cases.length,
  '@failures': cases.filter(({ failure }) => failure !== undefined).length,
});

const testcase = (suite: string, { name, failure, file, line }: JunitCase) => ({
  '@name': clean(name),
  '@classname': clean(suite),
  ...(file === undefined ? {} : { '@file': clean(file) }),
  ...(line === undefined ? {} : { '@line': line }),
  ...(failure === undefined
    ? {}
    : { failure: { '@message': clean(failure.split('\n')[0] ?? ''), '#text': clean(failure) } }),
});

/** XML 1.0 has no place for other control characters, nor for halves of surrogate pairs. */
const clean = (text: string): string => text.replace(UNFIT, '\uFFFD');

const UNFIT = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

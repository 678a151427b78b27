// Does a mistake in a scenario get its exact complaint, with its place?

import { expect, test } from 'vitest';
import { complaintsOf, GOOD, withInstead } from './scenario/small.ts';

const FORM: readonly (readonly [string, string, string, string])[] = [
  [
    'a zone that policies would not know again',
    'zone: America/New_York',
    'zone: america/new_york',
    'x.yaml:10:40: tenants[0].zone: unknown zone `america/new_york`\n' +
      '  hint: did you mean `America/New_York`? expected a zone of the IANA database, such as' +
      ' `America/New_York`',
  ],
  [
    'a number that is a text',
    'requestsPerHour: 36',
    'requestsPerHour: "36"',
    'x.yaml:16:49: traffic[0].arrivals.requestsPerHour: expected a number above 0 and at most' +
      ' 36000000, found the text `36`',
  ],
  [
    'a number beyond all bounds is complained of once',
    'mix: { talk: 1 }',
    'promptCharacters: 9007199254740993\n    mix: { talk: 1 }',
    'x.yaml:17:23: traffic[0].promptCharacters: expected a whole number from 1 to 100000,' +
      ' found `9007199254740992`',
  ],
  [
    'an unknown tier gets its place, its path and a guess',
    'tier: premium,',
    'tier: premum,',
    'x.yaml:11:27: tenants[1].tier: unknown tier `premum`\n' +
      '  hint: did you mean `premium`? declared tiers: `basic`, `premium`',
  ],
  [
    'a word that is near nothing gets no guess',
    'tier: premium,',
    'tier: gold,',
    'x.yaml:11:27: tenants[1].tier: unknown tier `gold`\n' +
      '  hint: declared tiers: `basic`, `premium`',
  ],
  [
    'an unknown key is shown itself',
    'users: [{ id: dr.lee, role: nurse }]',
    'users: [{ id: dr.lee, role: nurse, rol: x }]',
    'x.yaml:11:94: tenants[1].users[0].rol: unknown key `rol`\n' +
      '  hint: did you mean `role`? known keys: `id`, `role`',
  ],
  [
    'a missing key is shown at what should hold it',
    'wire: converse',
    'rate: { requestsPerSecond: 2 }',
    'x.yaml:7:10: tiers.basic.wire: is missing\n' +
      '  hint: expected one of: `converse`, `chat`\n' +
      'x.yaml:7:58: tiers.basic.rate.burst: is missing\n' +
      '  hint: expected a whole number from 1 to 1000000',
  ],
  [
    'a duration without a unit',
    'duration: 24h',
    'duration: 24',
    'x.yaml:5:11: duration: expected a duration such as `250ms`, `90s`, `10m`, `1h30m` or `7d`,' +
      ' found `24`',
  ],
  [
    'a negative duration',
    'mix: { talk: 1 }',
    'pause: -3s\n    mix: { talk: 1 }',
    'x.yaml:17:12: traffic[0].pause: expected a duration such as `250ms`, `90s`, `10m`, `1h30m`' +
      ' or `7d`, found `-3s`',
  ],
  [
    'a run of more than a year',
    'duration: 24h',
    'duration: 900d',
    'x.yaml:5:11: duration: expected a duration of at least `1s` and at most `366d`, found `900d`',
  ],
  [
    'an instant without a zone',
    'T00:00:00Z',
    'T00:00:00',
    'x.yaml:4:8: start: expected an instant with its zone, such as `2026-03-02T00:00:00Z`,' +
      ' found `2026-03-02T00:00:00`',
  ],
  [
    'an unknown zone',
    'America/Chicago',
    'America/Chicgo',
    'x.yaml:11:42: tenants[1].zone: unknown zone `America/Chicgo`\n' +
      '  hint: did you mean `America/Chicago`? expected a zone of the IANA database,' +
      ' such as `America/New_York`',
  ],
  [
    'an unknown model',
    'openai.gpt-oss-120b',
    'openai.gpt-oss-20b',
    'x.yaml:8:21: tiers.premium.model: unknown value `openai.gpt-oss-20b`\n' +
      '  hint: did you mean `openai.gpt-oss-120b`? expected one of:' +
      ' `mistral.ministral-3-8b-instruct`, `openai.gpt-oss-120b`',
  ],
  [
    'an unknown tool',
    'tool: clinic_config',
    'tool: clinic_confg',
    'x.yaml:13:13: entitlements[0].tool: unknown value `clinic_confg`\n' +
      '  hint: did you mean `clinic_config`? expected one of: `patient_context`, `clinic_config`,' +
      ' `retrieve_clinic_documents`, `web_search`, `current_time`',
  ],
  [
    'an entitlement whose object does not fit its tool',
    'object: own',
    'object: none',
    'x.yaml:13:72: entitlements[0].object: does not fit the tool\n' +
      '  hint: `none` is for `web_search` and `current_time`, else `own`',
  ],
  [
    'hours that end before they begin',
    'object: own',
    'object: own, hours: { from: "18:00", to: "08:00" }',
    'x.yaml:13:105: entitlements[0].hours.to: is not after `from`\n' +
      '  hint: hours do not reach over midnight: write two entries',
  ],
  [
    'an unknown role',
    'roles: [physician]',
    'roles: [phisician]',
    'x.yaml:13:52: entitlements[0].roles[0]: unknown role `phisician`\n' +
      '  hint: did you mean `physician`? declared roles: `physician`, `nurse`, `admin`',
  ],
  [
    'a tenant declared twice',
    'id: clinic-b',
    'id: clinic-a',
    'x.yaml:11:11: tenants[1].id: tenant `clinic-a` is declared twice',
  ],
  [
    'a tenant without users',
    '[{ id: dr.lee, role: nurse }]',
    '[]',
    'x.yaml:11:66: tenants[1].users: is empty\n  hint: expected at least one entry',
  ],
  [
    'an id that no session tag can hold',
    'id: clinic-b',
    'id: clinic*b',
    'x.yaml:11:11: tenants[1].id: expected an id of 1 to 128 letters, digits, spaces or any of' +
      ' `_.:/=+-@`, found `clinic*b`',
  ],
  [
    'an actor that memory does not take',
    '[{ id: dr.lee, role: nurse }]',
    `[{ id: ${'.'.repeat(100)}, role: nurse }]`,
    'x.yaml:11:73: tenants[1].users[0].id: tenant, user and role make an actor of more than 255' +
      ' characters\n  hint: every character but a letter or digit counts at least three',
  ],
  [
    'a stream with two rates',
    'requestsPerHour: 36',
    'requestsPerHour: 36, requestsPerDay: 3',
    'x.yaml:16:15: traffic[0].arrivals: has several rates: `requestsPerHour` and' +
      ' `requestsPerDay`\n' +
      '  hint: expected exactly one of `requestsPerSecond`, `requestsPerHour`, `requestsPerDay`',
  ],
  [
    'a stream with a rate of nothing',
    'requestsPerHour: 36',
    'requestsPerHour: 0',
    'x.yaml:16:49: traffic[0].arrivals.requestsPerHour: expected a number above 0 and at most' +
      ' 36000000, found `0`',
  ],
  [
    'a stream with a rate and a total',
    'mix: { talk: 1 }',
    'total: 100\n    mix: { talk: 1 }',
    'x.yaml:16:49: traffic[0].arrivals.requestsPerHour: `total` sets the rate',
  ],
  [
    'a total that no time could hold',
    'arrivals: { kind: poisson, requestsPerHour: 36 }',
    'total: 100000000\n    to: 1ms',
    'x.yaml:16:12: traffic[0].total: is more than the time can hold\n' +
      '  hint: expected a number from 0 to 1000000, found `100000000000`',
  ],
  [
    'a burst that runs into the next',
    '{ kind: poisson, requestsPerHour: 36 }',
    '{ kind: burst, every: 1m, size: 5, within: 2m }',
    'x.yaml:16:58: traffic[0].arrivals.within: a burst would run into the next\n' +
      '  hint: at most `every`',
  ],
  [
    'a stream that says not how much',
    'arrivals: { kind: poisson, requestsPerHour: 36 }',
    'turns: 2',
    'x.yaml:15:5: traffic[0]: does not say how much it sends\n' +
      '  hint: give `arrivals`, `total` or `trace`',
  ],
  [
    'a mix of nothing',
    'mix: { talk: 1 }',
    'mix: { talk: 0 }',
    'x.yaml:17:10: traffic[0].mix: has no weight above 0\n  hint: expected something to ask for',
  ],
  [
    'tenants that do not exist',
    'mix: { talk: 1 }',
    'tenants: [clinic-c]\n    mix: { talk: 1 }',
    'x.yaml:17:15: traffic[0].tenants[0]: unknown tenant `clinic-c`\n' +
      '  hint: did you mean `clinic-a`? declared tenants: `clinic-a`, `clinic-b`',
  ],
  [
    'tenants that are neither all, a tier nor a list',
    'mix: { talk: 1 }',
    'tenants: al\n    mix: { talk: 1 }',
    'x.yaml:17:14: traffic[0].tenants: expected `all`, a mapping with `tier`, or a list of tenants',
  ],
  [
    'a window beyond the run',
    'mix: { talk: 1 }',
    'to: 25h\n    mix: { talk: 1 }',
    'x.yaml:17:9: traffic[0].to: `25h` is outside the run\n  hint: the run lasts `1d`',
  ],
  [
    'a window that ends before it begins',
    'mix: { talk: 1 }',
    'from: 3h\n    to: 2h\n    mix: { talk: 1 }',
    'x.yaml:18:9: traffic[0].to: is not after `from`',
  ],
];

test.each(FORM)('%s is complained of exactly', (_, piece, other, complaint) => {
  expect(withInstead(piece, other)).toBe(complaint);
});

test('a place points at the very text', () => {
  const lines = GOOD.replace('tier: premium,', 'tier: premum,').replace('own }', 'none }');
  const places = complaintsOf(lines).matchAll(/^x\.yaml:(\d+):(\d+)/gm);
  const pointed = Array.from(places, ([, line, column]) =>
    lines.split('\n')[Number(line) - 1]?.slice(Number(column) - 1, Number(column) + 3),
  );
  expect(pointed).toEqual(['prem', 'none']);
});

/** Seeded damage to the files that packagers write, for fuzzing their readers. */

type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T;

/** Text that has broken parsers before: no end, no start, no sense, or far too much of it. */
const FRAGMENTS: readonly string[] = [
  '',
  '\n',
  '\r\n',
  '\0',
  '\u{feff}',
  '\u202e\u001b[31m',
  ':',
  ': ',
  ';',
  '==',
  '>=,<',
  '((((((((((',
  "'",
  '"',
  '%s%n',
  '../../../etc/passwd',
  'Requires-Dist: ',
  'Requires-Dist: a ; extra == "',
  `Requires-Dist: numpy ${'>=1,'.repeat(400)}`,
  `Requires-Dist: ${'a'.repeat(70_000)}`,
  `Requires-Dist: x ; ${'('.repeat(300)}python_version > "3"${')'.repeat(300)}`,
  `Requires-Dist: x ; ${'python_version > "3" and '.repeat(60)}python_version > "3"`,
  'Requires-Python: >=3.9,<3.13,!=3.10.*,~=3.11,===x',
  'Tag: cp312-cp312-macosx_99_99_universal2',
  'Tag: ---',
  'Version: 1!2.3.4.post5.dev6+local.7',
  'Name: ',
  'version = 3.99.99',
  'home = ',
  'include-system-site-packages = true',
];

const VERSIONS: readonly string[] = [
  '',
  '0',
  '1',
  '2.16.2',
  'v2.9',
  '2.9.1+cu128',
  '2.5.0a0+872d856fea.nv24.08',
  '1!0.0',
  '1.0.dev0',
  '999999999999999999999.1',
  `1${'.0'.repeat(120)}`,
  `1.${'9'.repeat(500)}`,
  '2.-1',
  '2.9.1 ',
  '2.9.*',
  'latest',
  '\u0662.\u0660',
];

export const mutatedVersion = (random: Random): string =>
  random() < 0.7 ? pick(random, VERSIONS) : mutate(random, pick(random, VERSIONS));

/** One to four wounds: characters changed, cut, doubled, or moved, and fragments put in. */
export function mutate(random: Random, text: string): string {
  let result = text;
  const wounds = 1 + Math.floor(random() * 4);
  for (let i = 0; i < wounds; i++) {
    const at = Math.floor(random() * (result.length + 1));
    const [before, after] = [result.slice(0, at), result.slice(at)];
    switch (Math.floor(random() * 6)) {
      case 0:
        result = before + String.fromCharCode(Math.floor(random() * 0x300)) + after.slice(1);
        break;
      case 1:
        result = before;
        break;
      case 2:
        result = before + pick(random, FRAGMENTS) + after;
        break;
      case 3:
        result = before + after.slice(0, 200) + after;
        break;
      case 4:
        result = after + before;
        break;
      default:
        result = result
          .split('\n')
          .toSorted(() => random() - 0.5)
          .join('\n');
    }
  }
  return result;
}

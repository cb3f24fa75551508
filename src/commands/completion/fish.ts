import type { Suggestion } from '../suggestions.js';
import type { Flag, Place } from './places.js';

/** Completions of fish, which itself knows which words are values of flags. */
export function fish(places: readonly Place[]): string {
  const paths = places.map(({ path }) => path).filter((path) => path !== '');
  return `function __mpsbench_at
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim "$path $word")
    contains -- "$longer" ${paths.map(quoted).join(' ')}; and set path "$longer"
  end
  test "$path" = "$argv[1]"
end
${places.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, words, flags }: Place): string[] {
  const start = `complete -c mpsbench -n ${quoted(`__mpsbench_at ${quoted(path)}`)}`;
  const offered = [...commands, ...(words ?? [])];
  // Where nothing is known of the arguments, they are files.
  const files = words?.length === 0;
  return [
    ...(files ? [] : [`${start} -f`]),
    ...(offered.length > 0 ? [`${start} -a ${wordList(offered)}`] : []),
    ...flags.map(
      (flag) =>
        `${start} -l ${flag.name.slice(2)}${parameterOf(flag)} -d ${quoted(flag.description)}`,
    ),
  ];
}

/** A flag with suggestions accepts only those; any other a file. */
function parameterOf({ value, values }: Flag): string {
  if (value === 'none') return '';
  return values.length > 0 ? ` -x -a ${wordList(values)}` : ' -r -F';
}

/** Words with their descriptions behind a tab; fish reads the list as its own source once more. */
function wordList(words: readonly Suggestion[]): string {
  return quoted(
    words
      .map(({ name, description }) => (description ? `${name}\\t${quoted(description)}` : name))
      .join(' '),
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

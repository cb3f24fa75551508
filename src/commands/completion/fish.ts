import type { Flag, Place } from './places.js';

/** Completions of fish, which knows by itself which words are values of flags. */
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

function linesOf({ path, commands, names, flags }: Place): string[] {
  const start = `complete -c mpsbench -n ${quoted(`__mpsbench_at ${quoted(path)}`)}`;
  // Where nothing is known of the arguments, they are files.
  const files = names?.length === 0;
  return [
    ...(files ? [] : [`${start} -f`]),
    ...commands.map(({ name, description }) => `${start} -a ${name} -d ${quoted(description)}`),
    ...(names?.length ? [`${start} -a ${quoted(names.join(' '))}`] : []),
    ...flags.map(
      (flag) =>
        `${start} -l ${flag.name.slice(2)}${parameterOf(flag)} -d ${quoted(flag.description)}`,
    ),
  ];
}

/** A flag with names takes those alone; another one a file. */
function parameterOf({ value, values }: Flag): string {
  if (value === 'none') return '';
  return values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : ' -r -F';
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

import type { Place } from './places.js';

/** Completions of bash and zsh: one function that both understand, and how each calls it. */

export function bash(places: readonly Place[]): string {
  return `${wordsFunction(places)}
_mpsbench() {
  local REPLY current="\${COMP_WORDS[COMP_CWORD]}"
  [ "$current" = = ] && current=""
  _mpsbench_words "$current" "\${COMP_WORDS[@]:1:COMP_CWORD-1}"
  COMPREPLY=($(compgen -W "$REPLY" -- "$current"))
}
complete -o default -F _mpsbench mpsbench
`;
}

/** For a folder of fpath, where the file is the function's body, and for `source`. */
export function zsh(places: readonly Place[]): string {
  return `#compdef mpsbench
${wordsFunction(places)}
_mpsbench() {
  local REPLY
  _mpsbench_words "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}"
  if [[ -n "$REPLY" ]]; then compadd -- \${=REPLY}; else _files; fi
}
if [[ "\${funcstack[1]}" = _mpsbench ]]; then _mpsbench "$@"; else compdef _mpsbench mpsbench; fi
`;
}

/**
 * `_mpsbench_words CURRENT BEFORE…` sets REPLY to the words that may stand for CURRENT; to nothing
 * where that is a file. bash gives `--flag=value` as three words.
 */
function wordsFunction(places: readonly Place[]): string {
  const flags = places.flatMap(({ path, flags }) =>
    flags.map(({ name, value, values }) => ({ at: `${path} ${name}`, value, values })),
  );
  const valued = flags.filter(({ value }) => value !== 'none');
  const lasting = flags.filter(({ value }) => value === 'variadic').map(({ at }) => at);
  const paths = places.map(({ path }) => path).filter((path) => path !== '');
  return `_mpsbench_words() {
  local current="$1" path="" flag="" word
  shift
  for word in "$@"; do
    case "$word" in
      =) continue ;;
      -*=*) flag="" && continue ;;
      -*) flag="$word" && continue ;;
    esac
    case "\${path:+$path }$word" in
      ${patterns(paths)}) path="\${path:+$path }$word" flag="" ;;
      *) case "$path $flag" in ${patterns(lasting)}) ;; *) flag="" ;; esac ;;
    esac
  done
  REPLY=""
  if [ "\${current#-}" = "$current" ]; then
    case "$path $flag" in
${arms(
  valued.map(({ at, values }) => [at, values]),
  ' && return',
)}
    esac
    case "$path" in
${arms(
  places.map((place) => [place.path, wordsAt(place)]),
  ' && return',
)}
    esac
  fi
  case "$path" in
${arms(places.map((place) => [place.path, flagsAt(place)]))}
  esac
}`;
}

/** Commands and names; where a place takes neither, only flags can follow. */
function wordsAt(place: Place): readonly string[] {
  const { commands, names } = place;
  if (commands.length === 0 && names === undefined) return flagsAt(place);
  return [...commands.map(({ name }) => name), ...(names ?? [])];
}

function flagsAt({ flags }: Place): string[] {
  return flags.map(({ name }) => name);
}

/** An arm of a `case` for each list of words, with the patterns that share it. */
function arms(entries: readonly (readonly [string, readonly string[]])[], then = ''): string {
  const patternsOf = new Map<string, string[]>();
  for (const [pattern, words] of entries) {
    const text = words.join(' ');
    patternsOf.set(text, [...(patternsOf.get(text) ?? []), pattern]);
  }
  return [...patternsOf]
    .map(([text, shared]) => `      ${patterns(shared)}) REPLY="${text}"${then} ;;`)
    .join('\n');
}

function patterns(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(' | ');
}

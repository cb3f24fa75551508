import { shellWord } from '../../text/shell-word.js';
import type { Suggestion } from '../suggestions.js';
import type { Place } from './places.js';

/** Completions of bash and zsh: one function that both understand, and how each calls it. */

/**
 * bash splits `webgpu:0` into three words and replaces only the last: they are joined for the look-up,
 * and the part before the last colon is removed from the answers.
 */
export function bash(places: readonly Place[]): string {
  return `${wordsFunction(places, ({ name }) => name)}
_mpsbench() {
  local REPLY word previous="" IFS=$'\\n'
  local -a typed=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [ "\${#typed[@]}" -gt 0 ] && { [ "$word" = : ] || [ "$previous" = : ]; }; then
      typed[\${#typed[@]}-1]+="$word"
    else
      typed+=("$word")
    fi
    previous="$word"
  done
  local last=$((\${#typed[@]} - 1))
  local current="\${typed[last]}"
  [ "$current" = = ] && current=""
  _mpsbench_words "$current" "\${typed[@]:0:last}"
  COMPREPLY=($(compgen -W "$REPLY" -- "$current"))
  case "$current" in *:*) COMPREPLY=("\${COMPREPLY[@]#"\${current%:*}:"}") ;; esac
}
complete -o default -F _mpsbench mpsbench
`;
}

/** For a folder of fpath, where the file is the function's body, and for `source`. */
export function zsh(places: readonly Place[]): string {
  return `#compdef mpsbench
${wordsFunction(places, described)}
_mpsbench() {
  local REPLY
  local -a offered
  _mpsbench_words "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}"
  offered=("\${(@f)REPLY}")
  if [[ -n "$REPLY" ]]; then _describe mpsbench offered; else _files; fi
}
if [[ "\${funcstack[1]}" = _mpsbench ]]; then _mpsbench "$@"; else compdef _mpsbench mpsbench; fi
`;
}

/** `name:description`, as zsh's _describe reads it. */
function described({ name, description }: Suggestion): string {
  const word = name.replaceAll(':', '\\:');
  return description ? `${word}:${description}` : word;
}

/**
 * `_mpsbench_words CURRENT BEFORE…` sets REPLY to the lines that may stand for CURRENT; to nothing
 * where that is a file. bash gives `--flag=value` as three words.
 */
function wordsFunction(places: readonly Place[], line: (word: Suggestion) => string): string {
  const flags = places.flatMap(({ path, flags }) =>
    flags.map(({ name, value, values }) => ({ at: `${path} ${name}`, value, values })),
  );
  const valued = flags.filter(({ value }) => value !== 'none');
  const lasting = flags.filter(({ value }) => value === 'variadic').map(({ at }) => at);
  const paths = places.map(({ path }) => path).filter((path) => path !== '');
  const arms = (entries: readonly Entry[], then = '') => caseArms(entries, line, then);
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
${arms(places.map(({ path, flags }) => [path, flags]))}
  esac
}`;
}

/** Commands and words; if a place accepts neither, only flags can follow. */
function wordsAt({ commands, words, flags }: Place): readonly Suggestion[] {
  if (commands.length === 0 && words === undefined) return flags;
  return [...commands, ...(words ?? [])];
}

/** A pattern of `case`, and what is offered where it matches. */
type Entry = readonly [pattern: string, words: readonly Suggestion[]];

/** An arm of a `case` for each list of words, with the patterns that share it. */
function caseArms(
  entries: readonly Entry[],
  line: (word: Suggestion) => string,
  then: string,
): string {
  const patternsOf = new Map<string, string[]>();
  for (const [pattern, words] of entries) {
    const text = words.map(line).join('\n');
    patternsOf.set(text, [...(patternsOf.get(text) ?? []), pattern]);
  }
  return [...patternsOf]
    .map(([text, shared]) => `      ${patterns(shared)}) REPLY=${shellWord(text)}${then} ;;`)
    .join('\n');
}

function patterns(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(' | ');
}

/** The sentences of a text; a point inside a number or a name ends none. */
export function sentencesOf(text: string): string[] {
  return text.split(/(?<=\.) (?=\S)/);
}

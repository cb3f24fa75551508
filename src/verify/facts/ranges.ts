/**
 * The specifier that fits every version outside of a range: `>=3.9,<3.13` gives `<3.9 || >=3.13`,
 * `==2.15.*` gives `!=2.15.*`.
 */
export function outside(range: string): string {
  return range
    .split(',')
    .map((clause) => clause.trim())
    .map((clause) => {
      if (clause.startsWith('>=')) return `<${clause.slice(2)}`;
      if (clause.startsWith('==')) return `!=${clause.slice(2)}`;
      return `>=${clause.slice(1)}`;
    })
    .join(' || ');
}

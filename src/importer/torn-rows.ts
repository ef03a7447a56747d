/**
 * The rows of a file without quotes that belong to a row that an end of line has torn, by their index: its pieces and whatever stands
 * between them.
 *
 * Whoever chooses a user name with an end of line in it writes rows of his own. So a row with too few cells is a piece; what
 * follows is trusted again only after the piece with as many cells as the first one lacks, and not at all when there is none.
 *
 * @param counts the number of cells of each row.
 * @param full the number of cells of a whole row.
 */
export function tornRows(counts: readonly number[], full: number): ReadonlySet<number> {
  const torn = new Set<number>();
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    if (count >= full) continue;
    const rest = counts.indexOf(full + 1 - count, i + 1);
    const end = rest < 0 ? counts.length - 1 : rest;
    for (let piece = i; piece <= end; piece++) torn.add(piece);
    i = end;
  }
  return torn;
}

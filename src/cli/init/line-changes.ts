/** Lines of a change, as a diff shows them. */
export interface LineChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Which lines were added to a text, and which replaced. Good for texts in which most lines stay, in their order. */
export function lineChanges(before: string, after: string): LineChanges {
  const old = linesOf(before);
  const now = linesOf(after);
  const added: string[] = [];
  const removed: string[] = [];
  let place = 0;
  for (const [number, line] of now.entries()) {
    // an old line that does not come any more was replaced
    while (place < old.length && old[place] !== line && !now.includes(old[place] as string, number)) {
      removed.push(old[place++] as string);
    }
    if (old[place] === line) place++;
    else added.push(line);
  }
  return { added, removed: [...removed, ...old.slice(place)] };
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}

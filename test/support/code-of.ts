/** The source without its comments. Strings are recognised first, so that `'https://…'` is no comment. */
export function codeOf(text: string): string {
  const stringOrComment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(stringOrComment, (part) => (/^\/[*/]/.test(part) ? '' : part));
}

/** An error in one line for the log: the code, where there is one, and what to do. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return 'Something failed. Try again.';
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}

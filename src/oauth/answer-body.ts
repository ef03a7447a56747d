/** The members of an answer's body. */
export type AnswerBody = { readonly [name: string]: unknown };

/**
 * Reads the body of a token answer: JSON whatever the content type says, else a form, as GitHub sends it.
 *
 * @returns `undefined` for anything but a JSON object or a form with an access token or an error.
 */
export function answerBody(text: string): AnswerBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    const form = new URLSearchParams(text);
    return form.has('access_token') || form.has('error') ? Object.fromEntries(form) : undefined;
  }
}

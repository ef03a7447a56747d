const earliest = Date.UTC(2020, 0);
const latest = Date.UTC(2100, 0);

/**
 * What a server's clock showed when it answered (the `Date` of RFC 9110 §6.6.1), in epoch milliseconds.
 *
 * @returns `undefined` without a readable header, and for a time that no clock can show today. A page of another origin
 * sees the header only when the server exposes it (`Access-Control-Expose-Headers`).
 */
export function serverTime(headers: Headers): number | undefined {
  const value = headers.get('date') ?? '';
  const isDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value);
  return isDate ? plausibleTime(Date.parse(value)) : undefined;
}

/** The time, if a clock can show it today. */
export function plausibleTime(time: number): number | undefined {
  return time >= earliest && time < latest ? time : undefined;
}

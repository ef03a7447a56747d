/**
 * How callers that share a database notice at once that one of them died in the middle of a renewal, instead of waiting
 * for the end of its claim. The claim alone decides who renews: signals make waiting shorter and nothing else.
 * `tabSignals` of `tokenkeep/page` gives those of tabs.
 */
export interface RenewalSignals {
  /**
   * Runs the work while it gives a sign of life that others know by the owner, and resolves or rejects as the work does.
   * Take and end the claim inside: the sign begins before the work and ends after it.
   *
   * @param owner random, used once, and begins with `lock:`.
   * @param work is called exactly once, with the owner to claim under: the one given, or, where no sign of life can be
   * given now, one that does not begin with `lock:`, so that nobody takes a silent holder for a dead one.
   */
  hold<Result>(owner: string, work: (owner: string) => Promise<Result>): Promise<Result>;

  /**
   * Whether the owner's sign of life is over, because its work has ended or because it died. Resolves with `true` as soon as
   * that is so, and with `false` when it is not within `ms` milliseconds. Never rejects.
   */
  gone(owner: string, ms: number): Promise<boolean>;
}

/**
 * Tells sooner what a claim alone tells only when its time is over: that the renewal of somebody else has ended, or that
 * the tab it ran in is gone. Nothing rests on it but how long callers wait.
 */
export interface RenewalSignals {
  /**
   * Runs the work with a sign of life of this owner, from before the work begins until it has ended.
   *
   * @param owner random, and used for one renewal only. Begins with `lock:`.
   * @param work is done once, under the owner it is handed: the one given, or, where no sign of life can be given now, one that
   * does not begin with `lock:`, so that nobody takes its silence for its end.
   */
  hold<Result>(owner: string, work: (owner: string) => Promise<Result>): Promise<Result>;

  /**
   * Waits for the end of a sign of life, up to so many milliseconds.
   *
   * @returns whether there is none any more; `false` when that is not known.
   */
  gone(owner: string, ms: number): Promise<boolean>;
}

/** The right to do what only one server does at a time. */
export interface Lease {
  /** What the lease is for. */
  readonly name: string;
  /** The server that holds it. */
  readonly holder: string;
  /** From when on another server can acquire it, unless it was renewed or released before. */
  readonly expiresAt: Date;
}

/** Stores the leases. All servers of an application share it. */
export interface LeaseStore {
  /**
   * Acquires the lease, or renews the holder's own, in one atomic step, and returns `true`: of any number of concurrent
   * callers one gets it. Returns `false`, and changes nothing, while another holder has it.
   */
  acquire(lease: Lease, now: Date): Promise<boolean>;

  /** Releases the lease if this holder has it. */
  release(lease: Pick<Lease, "name" | "holder">): Promise<void>;

  /** Deletes at most `limit` expired leases, which holders that crashed leave behind, and returns how many it deleted. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}

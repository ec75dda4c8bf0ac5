/** The right to do a task that only one server may do at a time. */
export interface Lease {
  /** Identifies the task. */
  readonly name: string;
  /** The server that holds it. */
  readonly holder: string;
  /** When another server can acquire the lease, unless it is renewed or released before. */
  readonly expiresAt: Date;
}

/** Stores the leases. All servers of an application share it. */
export interface LeaseStore {
  /**
   * Acquires the lease, or renews it for its holder, in one atomic step, and returns `true`: exactly one concurrent caller
   * gets it. Returns `false`, and changes nothing, while another holder has it.
   */
  acquire(lease: Lease, now: Date): Promise<boolean>;

  /** Releases the lease if this holder has it. */
  release(lease: Pick<Lease, "name" | "holder">): Promise<void>;

  /** Deletes at most `limit` expired leases, which holders that crashed leave behind, and returns how many it deleted. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}

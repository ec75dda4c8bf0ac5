/** The right to do what only one server does at a time. */
export interface Lease {
  /** What it is the right to do. */
  readonly name: string;
  /** The server that has it. */
  readonly holder: string;
  /** When others may have it, unless it was renewed or given back before. */
  readonly expiresAt: Date;
}

/** Keeps who does what only one server does at a time. Every server of an application shares it. */
export interface LeaseStore {
  /**
   * Takes the lease, or renews the holder's own, in one atomic step, and returns `true`: of any number of concurrent
   * callers one gets it. Returns `false`, and changes nothing, while another has it.
   */
  acquire(lease: Lease, now: Date): Promise<boolean>;

  /** Gives the lease back if this holder has it. */
  release(lease: Pick<Lease, "name" | "holder">): Promise<void>;
}

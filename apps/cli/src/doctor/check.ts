/** One thing that a machine needs, or that makes it better. */
export interface Check {
  readonly name: string;
  /** warn: something works less well, or not at all that not everybody needs. fail: this package does not work. */
  readonly status: "ok" | "warn" | "fail";
  /** What was found. */
  readonly evidence: string;
  /** What to do about it; absent where nothing needs to be done. */
  readonly remedy?: string;
}

export const ok = (name: string, evidence: string): Check => ({ name, status: "ok", evidence });

export const warn = (name: string, evidence: string, remedy: string): Check => ({
  name,
  status: "warn",
  evidence,
  remedy,
});

export const fail = (name: string, evidence: string, remedy: string): Check => ({
  name,
  status: "fail",
  evidence,
  remedy,
});

/** How strictly program text is read. */
export interface ParseOptions {
  /** Ops that are not in the table: taken with the types they declare, or refused. Default "accept". */
  readonly unknownOps?: "accept" | "refuse";
  /** Declared types of results: compared with what the op's definition infers, or trusted. Default "check". */
  readonly types?: "check" | "trust";
}

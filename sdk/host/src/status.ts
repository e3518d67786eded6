/** Codes of gRPC's statuses that the host answers with. */
export enum Code {
  OK = 0,
  CANCELLED = 1,
  INVALID_ARGUMENT = 3,
  NOT_FOUND = 5,
  FAILED_PRECONDITION = 9,
  ABORTED = 10,
  UNIMPLEMENTED = 12,
  INTERNAL = 13,
}

/** An error that ends a call with a gRPC status; the detail is a message in its wire form. */
export class StatusError extends Error {
  constructor(
    readonly code: Code,
    message: string,
    readonly detail?: { type: string; value: Uint8Array },
  ) {
    super(message);
  }
}

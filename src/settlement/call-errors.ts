/** For a reason of our own (the kill switch) the call is not sent now; that says nothing of the service or the request. */
export class CallPaused extends Error {}

/** A reference of the job is not on disk any more. */
export class ReferencesMissing extends Error {}

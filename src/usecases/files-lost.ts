/** A reference of the job is not on disk any more. */
export class FilesLost extends Error {}

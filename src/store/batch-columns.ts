/** The columns of a job that is a part of a batch. */
export interface BatchColumns {
  /** The id of the first job of its batch. */
  batch: string | null;
  /** Its place there, from 0. */
  batch_index: number | null;
}

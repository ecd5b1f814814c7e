/** A mistake in a request. */
export type Problem = {
  /** Where, such as `capabilities[2].name`. */
  readonly field: string;
  readonly message: string;
};

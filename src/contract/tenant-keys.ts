/** A service for which a tenant can bring a key of its own, and what is known of that key: never the key itself. */
export interface OwnKeyView {
  readonly service: string;
  readonly label: string;
  /** The operator's key is used where the tenant has none. */
  readonly isFunded: boolean;
  readonly key?:
    | {
        /** Milliseconds since 1970. */
        readonly addedAt: number;
        /** Empty where whoever gave it is forgotten. */
        readonly addedBy: string;
        /** The last call by it was refused, or it cannot be opened any more. */
        readonly trouble?: "key" | "money" | "unreadable" | undefined;
        readonly troubleSince?: number | undefined;
      }
    | undefined;
}

export interface OwnKeysView {
  /** The operator has switched this on. */
  readonly isOn: boolean;
  readonly services: readonly OwnKeyView[];
}

/** A key that is in use now. */
export interface KeyTaken {
  readonly label: string;
  readonly replaced: boolean;
  /** The service was asked, free of charge, and did not refuse it. */
  readonly isTried: boolean;
  /** The money that is left behind it, where the service tells. */
  readonly balance?: { readonly amount: number; readonly unit: string; readonly low: boolean } | undefined;
}

/** One message of PostgreSQL's protocol: its type, and all of its bytes. */
export interface WireMessage {
  readonly type: string;
  readonly raw: Buffer;
}

/** Cuts a stream of bytes into messages, whatever pieces it comes in. */
export function messages(): (bytes: Buffer) => WireMessage[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const whole: WireMessage[] = [];
    for (;;) {
      const length = rest.length < 5 ? Number.POSITIVE_INFINITY : rest.readInt32BE(1) + 1;
      if (rest.length < length) return whole;
      whole.push({ type: String.fromCharCode(rest[0] ?? 0), raw: rest.subarray(0, length) });
      rest = rest.subarray(length);
    }
  };
}

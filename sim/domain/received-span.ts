// What is a span that somebody sent to us, whichever wire format it came by?

/** A list or a map comes as its JSON text, bytes as their text or, when they are none, as base64. */
export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface ReceivedSpan {
  /** 32 hexadecimal digits in lower case, not all of them 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case, not all of them 0. */
  readonly spanId: string;
  /** Undefined where a trace begins. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** The resource's `service.name`, or `unknown_service`. */
  readonly service: string;
  /** Microseconds since 1970 by the sender's clock, rounded down; 0 where none was told. */
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  /** What was said of the sender: one object for all spans of one resource in one batch. */
  readonly resource: Attributes;
  /** Further texts that a span may hide something in: the status message, the trace state. */
  readonly remarks: readonly string[];
}

export interface SpanEvent {
  readonly name: string;
  readonly atUs: number;
  readonly attributes: Attributes;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
  /** The trace state of what is linked to; empty when there is none. */
  readonly remark: string;
}

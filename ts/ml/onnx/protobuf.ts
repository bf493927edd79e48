// Writes protocol buffer messages: the few wire types that ONNX models use.

const encoder = new TextEncoder();

/** One message, field by field; `finish` gives its bytes. */
export class ProtoWriter {
  #parts: Uint8Array[] = [];
  #bytes: number[] = [];
  #length = 0;

  #varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      this.#bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#bytes.push(Number(rest));
  }
  #tag(field: number, wire: number): void {
    this.#varint(BigInt((field << 3) | wire));
  }
  #flush(): void {
    if (this.#bytes.length === 0) return;
    this.#parts.push(Uint8Array.from(this.#bytes));
    this.#length += this.#bytes.length;
    this.#bytes = [];
  }

  /** A 64-bit integer or enumeration. */
  int(field: number, value: number | bigint): this {
    this.#tag(field, 0);
    this.#varint(BigInt(value));
    return this;
  }
  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#bytes.push(...new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2);
    this.#varint(BigInt(value.length));
    this.#flush();
    this.#parts.push(value);
    this.#length += value.length;
    return this;
  }
  string(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }
  message(field: number, value: ProtoWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    this.#flush();
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

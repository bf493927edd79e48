// Builds an ONNX model: nodes in order, constants as initializers, typed edges.
// Source: the ONNX specification, onnx.proto (IR version 10), operator sets ai.onnx 21 and ai.onnx.ml 5.
import { ProtoWriter } from './protobuf.ts';

/** The element types that exported models use; the numbers are `TensorProto.DataType`. */
const ELEMENT = { float: 1, uint8: 2, int64: 7, string: 8, bool: 9, double: 11 } as const;
export type OnnxType = keyof typeof ELEMENT;

/** An edge of the graph: what an input, a constant or a node gives. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
}

/** A dimension: a fixed length or a named one. */
export type OnnxDim = number | string;

/** A constant tensor, row-major. */
export interface OnnxTensor {
  readonly type: OnnxType;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | string | bigint | boolean>;
}

/** An attribute: integers are `int`, other numbers must say `{ float }`. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: ArrayLike<number> }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph };

interface NodeOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: 'ai.onnx.ml';
}

function rawBytes(tensor: OnnxTensor): Uint8Array {
  const { type, data } = tensor;
  const n = data.length;
  switch (type) {
    case 'double':
      return new Uint8Array(Float64Array.from(data as ArrayLike<number>).buffer);
    case 'float':
      return new Uint8Array(Float32Array.from(data as ArrayLike<number>).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from({ length: n }, (_, i) => BigInt(data[i]!)).buffer);
    case 'uint8':
    case 'bool':
      return Uint8Array.from({ length: n }, (_, i) => Number(data[i]));
    case 'string':
      throw new TypeError('strings are not raw bytes');
  }
}

function tensorProto(tensor: OnnxTensor, name: string): ProtoWriter {
  const proto = new ProtoWriter();
  for (const dim of tensor.dims) proto.int(1, dim);
  proto.int(2, ELEMENT[tensor.type]);
  if (tensor.type === 'string') for (let i = 0; i < tensor.data.length; i++) proto.string(6, String(tensor.data[i]));
  proto.string(8, name);
  if (tensor.type !== 'string') proto.bytes(9, rawBytes(tensor));
  return proto;
}

function valueInfo(value: OnnxValue, dims: readonly OnnxDim[] | null): ProtoWriter {
  const type = new ProtoWriter().int(1, ELEMENT[value.type]);
  if (dims) {
    const shape = new ProtoWriter();
    for (const dim of dims) {
      const proto = new ProtoWriter();
      shape.message(1, typeof dim === 'number' ? proto.int(1, dim) : proto.string(2, dim));
    }
    type.message(2, shape);
  }
  return new ProtoWriter().string(1, value.name).message(2, new ProtoWriter().message(1, type));
}

function attributeProto(name: string, attribute: OnnxAttribute): ProtoWriter {
  const proto = new ProtoWriter().string(1, name);
  if ('int' in attribute) return proto.int(3, attribute.int).int(20, 2);
  if ('ints' in attribute) {
    for (let i = 0; i < attribute.ints.length; i++) proto.int(8, attribute.ints[i]!);
    return proto.int(20, 7);
  }
  if ('float' in attribute) return proto.float(2, attribute.float).int(20, 1);
  if ('string' in attribute) return proto.string(4, attribute.string).int(20, 3);
  if ('strings' in attribute) {
    for (const text of attribute.strings) proto.string(9, text);
    return proto.int(20, 8);
  }
  if ('tensor' in attribute) return proto.message(5, tensorProto(attribute.tensor, name)).int(20, 4);
  return proto.message(6, attribute.graph.body(name)).int(20, 5);
}

/** A graph under construction. */
export class OnnxGraph {
  readonly #inputs: ProtoWriter[] = [];
  readonly #outputs: ProtoWriter[] = [];
  readonly #nodes: ProtoWriter[] = [];
  readonly #constants: ProtoWriter[] = [];
  readonly #scalars = new Map<string, OnnxValue>();
  readonly #taken: Set<string>;

  /** @param around The graph whose loop this is the body of: no name may be in both. */
  constructor(around?: OnnxGraph) {
    this.#taken = around ? around.#taken : new Set();
  }

  /** A name that nothing has yet: the wished one, or that with a number. */
  #name(wish: string): string {
    let name = wish;
    for (let i = 1; this.#taken.has(name); i++) name = `${wish}_${i}`;
    this.#taken.add(name);
    return name;
  }
  #fresh(): string {
    return this.#name(`v${this.#taken.size}`);
  }

  input(name: string, type: OnnxType, dims: readonly OnnxDim[] | null): OnnxValue {
    const value = { name: this.#name(name), type };
    this.#inputs.push(valueInfo(value, dims));
    return value;
  }

  /** Names a result; where an input has the name already, the output's ends in `_1`. */
  output(name: string, value: OnnxValue, dims: readonly OnnxDim[] | null): void {
    const named = this.#emit('Identity', [value], [{ name: this.#name(name), type: value.type }], {});
    this.#outputs.push(valueInfo(named[0]!, dims));
  }

  constant(tensor: OnnxTensor): OnnxValue {
    const value = { name: this.#fresh(), type: tensor.type };
    this.#constants.push(tensorProto(tensor, value.name));
    return value;
  }
  /** A constant without dimensions, stored once. */
  scalar(type: OnnxType, data: number): OnnxValue {
    const key = `${type} ${Object.is(data, -0) ? '-0' : data}`;
    const known = this.#scalars.get(key);
    if (known) return known;
    const value = this.constant({ type, dims: [], data: [data] });
    this.#scalars.set(key, value);
    return value;
  }
  /** A vector of integers: axes, shapes, indices. */
  integers(...data: number[]): OnnxValue {
    return this.constant({ type: 'int64', dims: [data.length], data });
  }
  doubles(dims: readonly number[], data: ArrayLike<number>): OnnxValue {
    return this.constant({ type: 'double', dims, data });
  }

  #emit(op: string, inputs: readonly OnnxValue[], outputs: readonly OnnxValue[], options: NodeOptions) {
    const proto = new ProtoWriter();
    for (const value of inputs) proto.string(1, value.name);
    for (const value of outputs) proto.string(2, value.name);
    proto.string(4, op);
    for (const [name, attribute] of Object.entries(options.attributes ?? {}))
      proto.message(5, attributeProto(name, attribute));
    if (options.domain) proto.string(7, options.domain);
    this.#nodes.push(proto);
    return outputs;
  }

  /** Adds a node with one output; its element type is the first input's unless given. */
  node(op: string, inputs: readonly OnnxValue[], type?: OnnxType, options: NodeOptions = {}): OnnxValue {
    return this.nodes(op, inputs, [type ?? inputs[0]!.type], options)[0]!;
  }
  /** Adds a node with several outputs. */
  nodes(op: string, inputs: readonly OnnxValue[], types: readonly OnnxType[], options: NodeOptions = {}): OnnxValue[] {
    const outputs = types.map((type) => ({ name: this.#fresh(), type }));
    this.#emit(op, inputs, outputs, options);
    return outputs;
  }

  add = (a: OnnxValue, b: OnnxValue): OnnxValue => this.node('Add', [a, b]);
  sub = (a: OnnxValue, b: OnnxValue): OnnxValue => this.node('Sub', [a, b]);
  mul = (a: OnnxValue, b: OnnxValue): OnnxValue => this.node('Mul', [a, b]);
  div = (a: OnnxValue, b: OnnxValue): OnnxValue => this.node('Div', [a, b]);
  matMul = (a: OnnxValue, b: OnnxValue): OnnxValue => this.node('MatMul', [a, b]);
  where = (test: OnnxValue, a: OnnxValue, b: OnnxValue): OnnxValue => this.node('Where', [test, a, b], a.type);
  reshape = (a: OnnxValue, ...dims: number[]): OnnxValue => this.node('Reshape', [a, this.integers(...dims)]);
  cast = (a: OnnxValue, type: OnnxType): OnnxValue =>
    a.type === type ? a : this.node('Cast', [a], type, { attributes: { to: { int: ELEMENT[type] } } });
  gather = (a: OnnxValue, indices: OnnxValue, axis: number): OnnxValue =>
    this.node('Gather', [a, indices], a.type, { attributes: { axis: { int: axis } } });
  concat = (parts: readonly OnnxValue[], axis: number): OnnxValue =>
    parts.length === 1 ? parts[0]! : this.node('Concat', parts, undefined, { attributes: { axis: { int: axis } } });
  sum = (a: OnnxValue, axis: number, keep = false): OnnxValue =>
    this.node('ReduceSum', [a, this.integers(axis)], a.type, { attributes: { keepdims: { int: keep ? 1 : 0 } } });
  max = (a: OnnxValue, axis: number, keep = false): OnnxValue =>
    this.node('ReduceMax', [a, this.integers(axis)], a.type, { attributes: { keepdims: { int: keep ? 1 : 0 } } });
  /** The index of the largest (or smallest) along an axis; of equals the first. */
  argMax = (a: OnnxValue, axis: number, op: 'ArgMax' | 'ArgMin' = 'ArgMax'): OnnxValue =>
    this.node(op, [a], 'int64', { attributes: { axis: { int: axis }, keepdims: { int: 0 } } });

  /** The graph as a message: of a model, or the body of a loop. */
  body(name: string): ProtoWriter {
    const graph = new ProtoWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.string(2, name);
    for (const constant of this.#constants) graph.message(5, constant);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    return graph;
  }

  /** The whole model file. */
  toBytes(name: string, metadata: Readonly<Record<string, string>>): Uint8Array {
    const model = new ProtoWriter().int(1, 10).string(2, 'warpframe').message(7, this.body(name));
    model.message(8, new ProtoWriter().string(1, '').int(2, 21));
    model.message(8, new ProtoWriter().string(1, 'ai.onnx.ml').int(2, 5));
    for (const [key, value] of Object.entries(metadata))
      model.message(14, new ProtoWriter().string(1, key).string(2, value));
    return model.finish();
  }
}

// A Parquet schema (a flat list that stands for a tree) as our columns, with the levels that nested columns need.
import { CorruptFileError, UnsupportedError } from '../errors.ts';
import type { Field, LogicalType, Schema } from '../schema/types.ts';
import { uniqueNames } from '../schema/unique-names.ts';
import { restoreArrow } from './parquet-arrow.ts';
import type { ParquetFooter, ParquetType, SchemaElement } from './parquet-footer.ts';

/** How stored values become ours. `copy`: same bytes; `be`: big-endian decimals; `mul`: times `factor`, as i64. */
export type Conversion = 'copy' | 'bool' | 'narrow' | 'widen' | 'mul' | 'int96' | 'half' | 'be' | 'view' | 'null';

/**
 * Where a node stands among the levels. A slot of the node is an entry with repetition ≤ `rep` and definition ≥
 * `slotDef`; the slot holds a value when its definition is ≥ `def`.
 */
interface Levels {
  readonly rep: number;
  readonly slotDef: number;
  readonly def: number;
}

export interface ParquetLeaf extends Levels {
  readonly kind: 'leaf';
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
  /** Number of the column chunk in a row group. */
  readonly index: number;
  readonly physical: ParquetType;
  readonly typeLength: number;
  readonly conversion: Conversion;
  readonly factor: number;
  /** Whether the values have an order that statistics can follow. */
  readonly ordered: boolean;
}
export interface ParquetStruct extends Levels {
  readonly kind: 'struct';
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
  readonly children: readonly ParquetNode[];
}
/** An entry opens an item when its repetition is ≤ `rep` + 1 and its definition ≥ `itemDef`. */
export interface ParquetList extends Levels {
  readonly kind: 'list';
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
  readonly itemDef: number;
  readonly item: ParquetNode;
  /** Items of every list, where the dtype is FixedSizeList. */
  readonly fixedSize?: number;
}
export type ParquetNode = ParquetLeaf | ParquetStruct | ParquetList;

export interface ParquetSchema {
  readonly schema: Schema;
  /** One per column of `schema`. */
  readonly columns: readonly ParquetNode[];
  readonly leaves: readonly ParquetLeaf[];
}

const CONVERTED = {
  UTF8: 0,
  MAP: 1,
  MAP_KEY_VALUE: 2,
  LIST: 3,
  ENUM: 4,
  DECIMAL: 5,
  DATE: 6,
  JSON: 19,
  INTERVAL: 21,
} as const;
/** Levels are bytes in the engine; a real schema is nowhere near. */
const MAX_LEVEL = 60;

/** Builds the columns of a file. */
export function parquetSchema(footer: ParquetFooter, path: string, offset: number): ParquetSchema {
  return new SchemaBuilder(footer, path, offset).build();
}

interface Place {
  readonly rep: number;
  readonly slotDef: number;
  /** Definition level at which the parent is there. */
  readonly def: number;
}

class SchemaBuilder {
  readonly #elements: readonly SchemaElement[];
  readonly #footer: ParquetFooter;
  readonly #path: string;
  readonly #offset: number;
  #leafCount = 0;
  #depth = 0;
  #next = 0;

  constructor(footer: ParquetFooter, path: string, offset: number) {
    this.#footer = footer;
    this.#elements = footer.elements;
    this.#path = path;
    this.#offset = offset;
  }

  build(): ParquetSchema {
    const root = this.#take();
    const columns = this.#children(root, { rep: 0, slotDef: 0, def: 0 });
    if (this.#next !== this.#elements.length) this.#corrupt('the schema has columns that belong to no group');
    const arrow = this.#footer.keyValues.get('ARROW:schema');
    const restored = arrow === undefined ? columns : restoreArrow(columns, arrow);
    // a name that comes again gets a number; fields of structs keep their names
    const names = uniqueNames(restored.map((c) => c.name));
    const named = restored.map((c, i) => (c.name === names[i] ? c : { ...c, name: names[i]! }));
    return { schema: named.map(fieldOf), columns: named, leaves: named.flatMap((c) => leavesOf(c)) };
  }

  #corrupt(what: string): never {
    throw new CorruptFileError(`Corrupt Parquet schema in ${this.#path}: ${what}.`, {
      path: this.#path,
      offset: this.#offset,
    });
  }

  #take(): SchemaElement {
    const e = this.#elements[this.#next++];
    return e ?? this.#corrupt('a group has fewer columns than it says');
  }
  #peek(ahead = 0): SchemaElement {
    return this.#elements[this.#next + ahead] ?? this.#corrupt('a group has fewer columns than it says');
  }

  #children(group: SchemaElement, place: Place): ParquetNode[] {
    if (group.childCount > this.#elements.length) this.#corrupt('a group has fewer columns than it says');
    // groups that are required add no level
    if (++this.#depth > MAX_LEVEL) this.#corrupt('columns are nested too deeply');
    const children = Array.from({ length: group.childCount }, () => this.#node(place));
    this.#depth--;
    return children;
  }

  /** The next element, whatever its repetition. A repeated one without a list around it is a list. */
  #node(place: Place): ParquetNode {
    const e = this.#take();
    if (e.repetition !== 'repeated') return this.#value(e, place, e.name);
    return this.#list(e.name, place, place.def, false, (inner) => this.#value(e, inner, e.name));
  }

  /** The element `e`, already taken, as required or optional. */
  #value(e: SchemaElement, place: Place, name: string): ParquetNode {
    const nullable = e.repetition === 'optional';
    const def = place.def + (nullable ? 1 : 0);
    if (def > MAX_LEVEL) this.#corrupt('columns are nested too deeply');
    if (e.type !== null && e.childCount === 0) return this.#leaf(e, { ...place, def }, nullable, name);
    if (e.childCount === 0 && e !== this.#elements[0])
      throw new UnsupportedError(`The column "${name}" of ${this.#path} is a group without columns; leave it out.`, {
        path: this.#path,
        column: name,
      });
    if (isList(e) && this.#holdsOneRepeated(e))
      return this.#list(name, place, def, nullable, (inner) => this.#listItem(e, inner));
    if (isMap(e) && this.#holdsOneRepeated(e) && this.#peek().childCount === 2) {
      return this.#list(name, place, def, nullable, (inner) => {
        const entry = this.#take();
        const children = this.#children(entry, { ...inner });
        return structOf('entry', { ...inner }, false, [
          { ...children[0]!, name: 'key' },
          { ...children[1]!, name: 'value' },
        ]);
      });
    }
    if (isMap(e) && this.#holdsOneRepeated(e))
      return this.#list(name, place, def, nullable, (inner) => this.#listItem(e, inner));
    return structOf(name, { ...place, def }, nullable, this.#children(e, { ...place, def }));
  }

  #holdsOneRepeated(e: SchemaElement): boolean {
    return e.childCount === 1 && this.#peek().repetition === 'repeated';
  }

  /** The items of an annotated list, by the rules for old two-level lists. */
  #listItem(list: SchemaElement, inner: Place): ParquetNode {
    const repeated = this.#take();
    const isGroup = repeated.type === null || repeated.childCount > 0;
    if (!isGroup) return this.#value(repeated, inner, repeated.name);
    const oneChild = repeated.childCount === 1;
    const threeLevel =
      oneChild &&
      !isList(repeated) &&
      !isMap(repeated) &&
      this.#peek().repetition !== 'repeated' &&
      repeated.name !== 'array' &&
      repeated.name !== `${list.name}_tuple`;
    return threeLevel ? this.#node(inner) : this.#value(repeated, inner, repeated.name);
  }

  #list(
    name: string,
    place: Place,
    def: number,
    nullable: boolean,
    makeItem: (inner: Place) => ParquetNode,
  ): ParquetList {
    const itemDef = def + 1;
    if (itemDef > MAX_LEVEL) this.#corrupt('columns are nested too deeply');
    const item = makeItem({ rep: place.rep + 1, slotDef: itemDef, def: itemDef });
    const type: LogicalType = { dtype: 'List', inner: { type: item.type, nullable: item.nullable } };
    return { kind: 'list', name, type, nullable, rep: place.rep, slotDef: place.slotDef, def, itemDef, item };
  }

  #leaf(e: SchemaElement, levels: Levels, nullable: boolean, name: string): ParquetLeaf {
    const physical = e.type!;
    if (physical === 'FIXED_LEN_BYTE_ARRAY' && !(e.typeLength > 0 && e.typeLength <= 1 << 20))
      this.#corrupt(`the column "${name}" has values of ${e.typeLength} bytes`);
    const [type, conversion, factor] = this.#typeOf(e, physical, name);
    return {
      kind: 'leaf',
      name,
      type,
      nullable: nullable || type.dtype === 'Null',
      index: this.#leafCount++,
      physical,
      typeLength: e.typeLength,
      conversion,
      factor: factor ?? 1,
      ordered: physical !== 'INT96' && e.logical?.kind !== 'UNDEFINED' && e.converted !== CONVERTED.INTERVAL,
      rep: levels.rep,
      slotDef: levels.slotDef,
      def: levels.def,
    };
  }

  #typeOf(e: SchemaElement, physical: ParquetType, name: string): [LogicalType, Conversion, number?] {
    const logical = e.logical;
    if (logical?.kind === 'UNKNOWN') return [{ dtype: 'Null' }, 'null'];
    switch (physical) {
      case 'BOOLEAN':
        return [{ dtype: 'Bool' }, 'bool'];
      case 'FLOAT':
        return [{ dtype: 'Float32' }, 'copy'];
      case 'DOUBLE':
        return [{ dtype: 'Float64' }, 'copy'];
      case 'INT96':
        return [{ dtype: 'Datetime', unit: this.#int96Unit(), zone: null }, 'int96'];
      case 'INT32':
        return this.#int32Type(e, name);
      case 'INT64':
        return this.#int64Type(e, name);
      default: {
        const decimal = this.#decimal(e, name);
        if (decimal) return [decimal, 'be'];
        if (logical?.kind === 'FLOAT16' && e.typeLength === 2) return [{ dtype: 'Float32' }, 'half'];
        const isText =
          physical === 'BYTE_ARRAY' &&
          (logical
            ? logical.kind === 'STRING' || logical.kind === 'ENUM' || logical.kind === 'JSON'
            : e.converted === CONVERTED.UTF8 || e.converted === CONVERTED.ENUM || e.converted === CONVERTED.JSON);
        return [{ dtype: isText ? 'Utf8' : 'Binary' }, 'view'];
      }
    }
  }

  #int32Type(e: SchemaElement, name: string): [LogicalType, Conversion, number?] {
    const logical = e.logical;
    const decimal = this.#decimal(e, name);
    if (decimal) return [decimal, 'widen'];
    if (logical?.kind === 'DATE' || e.converted === CONVERTED.DATE) return [{ dtype: 'Date32' }, 'copy'];
    if (logical?.kind === 'TIME' || e.converted === 7) return [{ dtype: 'Time' }, 'mul', 1_000_000];
    const int = logical?.kind === 'INTEGER' ? logical : convertedInteger(e.converted);
    if (int?.bits === 8) return [{ dtype: int.signed ? 'Int8' : 'UInt8' }, 'narrow'];
    if (int?.bits === 16) return [{ dtype: int.signed ? 'Int16' : 'UInt16' }, 'narrow'];
    return [{ dtype: int && !int.signed && int.bits === 32 ? 'UInt32' : 'Int32' }, 'copy'];
  }

  #int64Type(e: SchemaElement, name: string): [LogicalType, Conversion, number?] {
    const logical = e.logical;
    const decimal = this.#decimal(e, name);
    if (decimal) return decimal.dtype === 'Decimal' && decimal.precision > 18 ? [decimal, 'widen'] : [decimal, 'copy'];
    if (logical?.kind === 'TIMESTAMP')
      return [{ dtype: 'Datetime', unit: logical.unit, zone: logical.utc ? 'UTC' : null }, 'copy'];
    if (logical?.kind === 'TIME') {
      return logical.unit === 'ns' ? [{ dtype: 'Time' }, 'copy'] : [{ dtype: 'Time' }, 'mul', 1000];
    }
    if (!logical) {
      if (e.converted === 8) return [{ dtype: 'Time' }, 'mul', 1000];
      if (e.converted === 9) return [{ dtype: 'Datetime', unit: 'ms', zone: 'UTC' }, 'copy'];
      if (e.converted === 10) return [{ dtype: 'Datetime', unit: 'us', zone: 'UTC' }, 'copy'];
    }
    const int = logical?.kind === 'INTEGER' ? logical : convertedInteger(e.converted);
    return [{ dtype: int && !int.signed && int.bits === 64 ? 'UInt64' : 'Int64' }, 'copy'];
  }

  #decimal(e: SchemaElement, name: string): LogicalType | null {
    const isDecimal = e.logical ? e.logical.kind === 'DECIMAL' : e.converted === CONVERTED.DECIMAL;
    if (!isDecimal) return null;
    const { precision, scale } = e.logical?.kind === 'DECIMAL' ? e.logical : e;
    if (precision < 1 || scale < 0 || scale > precision)
      this.#corrupt(`the column "${name}" is Decimal(${precision}, ${scale})`);
    if (precision > 38)
      throw new UnsupportedError(
        `The column "${name}" of ${this.#path} is a decimal of ${precision} digits (decimal256); at most 38 are supported.`,
        { path: this.#path, column: name, feature: 'decimal256' },
      );
    return { dtype: 'Decimal', precision, scale };
  }

  /**
   * INT96 is days and nanoseconds. Spark computes in microseconds and writes years that nanoseconds in 64 bits do not
   * reach; everybody else who wrote INT96 meant nanoseconds.
   */
  #int96Unit(): 'us' | 'ns' {
    for (const key of this.#footer.keyValues.keys()) if (key.startsWith('org.apache.spark.')) return 'us';
    return 'ns';
  }
}

function structOf(name: string, levels: Levels, nullable: boolean, children: readonly ParquetNode[]): ParquetStruct {
  const type: LogicalType = { dtype: 'Struct', fields: children.map(fieldOf) };
  const { rep, slotDef, def } = levels;
  return { kind: 'struct', name, type, nullable, rep, slotDef, def, children };
}

const fieldOf = (n: ParquetNode): Field => ({ name: n.name, type: n.type, nullable: n.nullable });

const isList = (e: SchemaElement): boolean => (e.logical ? e.logical.kind === 'LIST' : e.converted === CONVERTED.LIST);
const isMap = (e: SchemaElement): boolean =>
  e.logical ? e.logical.kind === 'MAP' : e.converted === CONVERTED.MAP || e.converted === CONVERTED.MAP_KEY_VALUE;

/** Converted types 11–18 are unsigned and signed integers of 8, 16, 32 and 64 bits. */
function convertedInteger(converted: number | null): { bits: number; signed: boolean } | null {
  if (converted === null || converted < 11 || converted > 18) return null;
  return { bits: 8 << ((converted - 11) & 3), signed: converted >= 15 };
}

/** The leaves below a node, in order. */
export function leavesOf(node: ParquetNode, into: ParquetLeaf[] = []): ParquetLeaf[] {
  if (node.kind === 'leaf') into.push(node);
  else if (node.kind === 'list') leavesOf(node.item, into);
  else for (const c of node.children) leavesOf(c, into);
  return into;
}

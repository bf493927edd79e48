// The table for one column of a dtype.
import { type LogicalType, physicalOf } from '../../../schema/types.ts';
import { BoolTable, CodedTable, type ColumnTable, FixedTable, NullTable, ViewTable } from './column-table.ts';
import { ListTable } from './row-table.ts';

/** A table for any dtype but Struct, which GroupTable takes apart. */
export function createColumnTable(type: LogicalType): ColumnTable {
  const physical = physicalOf(type);
  switch (physical) {
    case 'null':
      return new NullTable(type);
    case 'bit':
      return new BoolTable(type);
    case 'view':
      return new CodedTable(new ViewTable(type));
    case 'list':
    case 'fixedList':
      return new ListTable(type);
    default:
      return new CodedTable(new FixedTable(type, physical));
  }
}

// The TPC-H tables as typed frames.
import path from 'node:path';
import type { SchemaOf } from '../../ts/index.ts';
import { type DataFrame, Date32, Decimal, Int32, Int64, readParquet, Utf8 } from '../../ts/index.ts';

const money = Decimal(15, 2);

const SCHEMAS = {
  lineitem: {
    l_orderkey: Int64,
    l_partkey: Int64,
    l_suppkey: Int64,
    l_linenumber: Int32,
    l_quantity: money,
    l_extendedprice: money,
    l_discount: money,
    l_tax: money,
    l_returnflag: Utf8,
    l_linestatus: Utf8,
    l_shipdate: Date32,
    l_commitdate: Date32,
    l_receiptdate: Date32,
    l_shipinstruct: Utf8,
    l_shipmode: Utf8,
    l_comment: Utf8,
  },
  orders: {
    o_orderkey: Int64,
    o_custkey: Int64,
    o_orderstatus: Utf8,
    o_totalprice: money,
    o_orderdate: Date32,
    o_orderpriority: Utf8,
    o_clerk: Utf8,
    o_shippriority: Int32,
    o_comment: Utf8,
  },
  customer: {
    c_custkey: Int64,
    c_name: Utf8,
    c_address: Utf8,
    c_nationkey: Int64,
    c_phone: Utf8,
    c_acctbal: money,
    c_mktsegment: Utf8,
    c_comment: Utf8,
  },
  supplier: {
    s_suppkey: Int64,
    s_name: Utf8,
    s_address: Utf8,
    s_nationkey: Int64,
    s_phone: Utf8,
    s_acctbal: money,
    s_comment: Utf8,
  },
  part: {
    p_partkey: Int64,
    p_name: Utf8,
    p_mfgr: Utf8,
    p_brand: Utf8,
    p_type: Utf8,
    p_size: Int32,
    p_container: Utf8,
    p_retailprice: money,
    p_comment: Utf8,
  },
  partsupp: { ps_partkey: Int64, ps_suppkey: Int64, ps_availqty: Int32, ps_supplycost: money, ps_comment: Utf8 },
  nation: { n_nationkey: Int64, n_name: Utf8, n_regionkey: Int64, n_comment: Utf8 },
  region: { r_regionkey: Int64, r_name: Utf8, r_comment: Utf8 },
} as const;

export type TableName = keyof typeof SCHEMAS;
export type Tables = { readonly [N in TableName]: DataFrame<SchemaOf<(typeof SCHEMAS)[N]>> };
export const TABLE_NAMES = Object.keys(SCHEMAS) as TableName[];

/** Opens the eight Parquet files of a folder. */
export async function openTables(folder: string): Promise<Tables> {
  const open = (name: TableName) => readParquet(path.join(folder, `${name}.parquet`), { schema: SCHEMAS[name] });
  const frames = await Promise.all(TABLE_NAMES.map(async (name) => [name, await open(name)] as const));
  return Object.fromEntries(frames) as unknown as Tables;
}

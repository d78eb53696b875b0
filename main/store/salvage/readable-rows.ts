/** Reads the rows of a table in a damaged database: all those that any way through its pages leads to. */
import type { Database, Statement } from 'better-sqlite3';

/**
 * Limit for the reads of ranges of one table. Rows of a destroyed page cannot be told from ids that were never used, so ranges that give
 * nothing are halved, the widest first, until this many were tried. A page has room for 400 rows.
 */
const MAX_READS = 5000;

interface Range {
  /** Both ends are outside of the range. */
  from: number;
  to: number;
}

/** Gives the readable rows in no order. Never throws an error of the database. */
export function* readableRows(database: Database, table: string, columns: readonly string[]): Generator<unknown[]> {
  const select = `SELECT rowid, ${columns.map((column) => `"${column}"`).join(', ')} FROM "${table}" NOT INDEXED
    WHERE rowid > ? AND rowid < ? ORDER BY rowid`;
  const statements = (['ASC', 'DESC'] as const).flatMap((direction) => {
    const statement = prepared(database, `${select} ${direction}`);
    return statement ? [{ direction, statement }] : [];
  });
  const ranges: Range[] = [{ from: 0, to: lastRowId(database, table) + 1 }];
  // Halves go to the end of the list, so that it stays in the order of width.
  for (let index = 0; index < Math.min(ranges.length, MAX_READS); index++) {
    const range = ranges[index];
    if (!range) return;
    // Up to the first unreadable row, and then down to the last one.
    for (const { direction, statement } of statements) {
      try {
        for (const [id, ...row] of statement.iterate(range.from, range.to) as Iterable<[number, ...unknown[]]>) {
          if (id <= range.from || id >= range.to) throw new RangeError('a damaged page names the row');
          if (direction === 'ASC') range.from = id;
          else range.to = id;
          yield row;
        }
        range.from = range.to;
        break;
      } catch {
        // The page after the last row cannot be used.
      }
    }
    if (range.to - range.from <= 2) continue;
    const middle = Math.floor((range.from + range.to) / 2);
    ranges.push({ from: range.from, to: middle + 1 }, { from: middle, to: range.to });
  }
}

/**
 * The readable rows of a table without row ids: from its first key up to an unreadable page, and from its last key down to one. Rows
 * between two such pages are not found. Never throws an error of the database.
 */
export function* rowsByKey(
  database: Database,
  table: string,
  columns: readonly string[],
  key: readonly string[],
): Generator<unknown[]> {
  const list = columns.map((column) => `"${column}"`).join(', ');
  for (const direction of ['ASC', 'DESC']) {
    const order = key.map((column) => `"${column}" ${direction}`).join(', ');
    try {
      yield* (prepared(database, `SELECT ${list} FROM "${table}" ORDER BY ${order}`)?.iterate() ?? []) as Iterable<
        unknown[]
      >;
      return;
    } catch {
      // The way from the other end leads to the rows behind the page.
    }
  }
}

/** Null for a table that the damaged database does not have. */
function prepared(database: Database, sql: string): Statement | null {
  try {
    return database.prepare(sql).raw();
  } catch {
    return null;
  }
}

/** An id that no row is above of. */
function lastRowId(database: Database, table: string): number {
  const attempts = [
    'SELECT seq FROM sqlite_sequence WHERE name = ?',
    // A page has room for fewer than 400 of the smallest rows.
    'SELECT page_count * 400 FROM pragma_page_count() WHERE ? IS NOT NULL',
  ];
  for (const sql of attempts)
    try {
      const last = database.prepare(sql).pluck().get(table);
      if (typeof last === 'number' && last > 0) return last;
    } catch {
      // Its page cannot be read.
    }
  return 1_000_000;
}

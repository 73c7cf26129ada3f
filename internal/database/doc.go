// Package database asks SQL databases: SQLite, which it carries with it, PostgreSQL, and MySQL or MariaDB.
//
// Pools are databases by name. All take the same statements: one at a time, with ? where a value goes, and values
// beside it, never in it. What comes back are rows as JSON objects, one per line, in which nothing is rounded:
// whole numbers beyond 2^53 and decimals are texts, moments are ISO 8601, and bytes that are no text are
// {"base64": "…"}.
//
//	pools, err := database.Open([]database.Config{{Name: "main", URL: "sqlite:ivrd.db"}})
//	rows, err := pools.Query(ctx, "main", "select name from people where number = ?", []any{"5551234"}, 0)
//
// Every query is over in the time it is given, whatever the database does, and no more wait for one than its pool
// lets through. Values are nil, bool, int64, float64, string and []byte. The package knows nothing of calls.
package database

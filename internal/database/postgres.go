package database

import (
	"database/sql"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// PostgreSQL itself finds out which type a value must have, and reads it from text: all values are sent as text.
var postgresDialect = dialect{
	scheme: "postgres", open: openPostgres, value: postgresValue, arg: postgresArg,
	numbered: true, nested: true, dollars: true,
}

func openPostgres(c Config) (*handles, error) {
	cfg, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return nil, err // it leaves the password out
	}
	cfg.ConnectTimeout = c.Connect
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "ivrd"
	}
	return connected(stdlib.GetConnector(*cfg), c), nil
}

func postgresArg(v any) any {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return v
}

func postgresValue(v any, column *sql.ColumnType) (any, error) {
	switch v := v.(type) {
	case time.Time:
		switch column.DatabaseTypeName() {
		case "DATE":
			return v.Format(time.DateOnly), nil
		case "TIMESTAMP":
			return v.Format("2006-01-02T15:04:05.999999"), nil
		}
		return v.UTC().Format(time.RFC3339Nano), nil
	case []byte:
		if name := column.DatabaseTypeName(); name == "JSON" || name == "JSONB" {
			return string(v), nil
		}
	case float64:
		if column.DatabaseTypeName() == "FLOAT4" { // the driver widens it: 0.1 would be 0.10000000149
			return strconv.ParseFloat(strconv.FormatFloat(v, 'g', -1, 32), 64)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64), nil
		}
	}
	return v, nil
}

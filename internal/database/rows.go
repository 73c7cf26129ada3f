package database

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// What one query may give. Callers hear of a few rows; who needs more has forgotten a condition.
const (
	mostRows  = 1000
	mostBytes = 256 << 10
)

// rowsText is all rows as JSON objects, a line each, with their columns in order.
func (d *dialect) rowsText(rows *sql.Rows) (string, error) {
	columns, err := rows.ColumnTypes()
	if err != nil {
		return "", err
	}
	if err := distinct(columns); err != nil {
		return "", err
	}
	w := rowWriter{dialect: d, columns: columns, values: make([]any, len(columns)), to: make([]any, len(columns))}
	w.encoder = json.NewEncoder(&w.out)
	w.encoder.SetEscapeHTML(false)
	for i := range w.values {
		w.to[i] = &w.values[i]
	}
	for n := 1; rows.Next(); n++ {
		if err := w.row(rows); err != nil {
			return "", err
		}
		if n > mostRows || w.out.Len() > mostBytes {
			return "", fmt.Errorf("more than %d rows or %d KB; ask for less, with where or limit", mostRows, mostBytes>>10)
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	return w.out.String(), nil
}

func distinct(columns []*sql.ColumnType) error {
	for i, c := range columns {
		for _, before := range columns[:i] {
			if before.Name() == c.Name() {
				return fmt.Errorf("two columns are called %s; name one of them with AS", c.Name())
			}
		}
	}
	return nil
}

// A rowWriter writes rows.
type rowWriter struct {
	*dialect
	columns    []*sql.ColumnType
	values, to []any
	out        bytes.Buffer
	encoder    *json.Encoder
}

func (w *rowWriter) row(rows *sql.Rows) error {
	if err := rows.Scan(w.to...); err != nil {
		return err
	}
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
	}
	for i, v := range w.values {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		w.out.WriteByte(separator)
		if err := w.json(w.columns[i].Name()); err != nil {
			return err
		}
		w.out.WriteByte(':')
		v, err := w.value(v, w.columns[i])
		if err == nil {
			err = w.write(v)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", w.columns[i].Name(), err)
		}
	}
	if len(w.values) == 0 {
		w.out.WriteByte('{')
	}
	w.out.WriteByte('}')
	return nil
}

// json writes v without the line break that the encoder puts behind it.
func (w *rowWriter) json(v any) error {
	err := w.encoder.Encode(v)
	w.out.Truncate(w.out.Len() - 1)
	return err
}

// exact is up to where a number of Lua's, which is a float64, holds every whole number.
const exact = 1 << 53

func (w *rowWriter) write(v any) error {
	switch v := v.(type) {
	case nil:
		w.out.WriteString("null")
	case bool:
		w.out.WriteString(strconv.FormatBool(v))
	case int64:
		w.number(strconv.FormatInt(v, 10), v >= -exact && v <= exact)
	case uint64:
		w.number(strconv.FormatUint(v, 10), v <= exact)
	case float64:
		return w.float(v)
	case string:
		if !utf8.ValidString(v) {
			return w.bytes([]byte(v))
		}
		return w.json(v)
	case []byte:
		return w.bytes(v)
	case time.Time:
		return w.json(v.UTC().Format(time.RFC3339Nano))
	default:
		return fmt.Errorf("a %T cannot be read; convert it to a text in SQL", v)
	}
	return nil
}

func (w *rowWriter) number(text string, isExact bool) {
	if !isExact {
		text = `"` + text + `"`
	}
	w.out.WriteString(text)
}

func (w *rowWriter) float(v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return w.json(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return w.json(v)
}

func (w *rowWriter) bytes(v []byte) error {
	return w.json(map[string]string{"base64": base64.StdEncoding.EncodeToString(v)})
}

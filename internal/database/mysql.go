package database

import (
	"database/sql"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// The driver is told to leave dates as they are written: MySQL has some that no calendar knows, such as 0000-00-00.
var mysqlDialect = dialect{
	scheme: "mysql", open: openMySQL, value: mysqlValue, arg: func(v any) any { return v },
	backslash: true, backticks: true, hash: true,
}

func openMySQL(c Config) (*handles, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, withoutURL(err)
	}
	// The driver reads options from an address of its own form.
	cfg, err := mysql.ParseDSN("/?" + u.RawQuery)
	if err != nil {
		return nil, err
	}
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.DBName = strings.TrimPrefix(u.Path, "/")
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(u.Hostname(), portOr(u, "3306"))
	if u.Hostname() == "" {
		return nil, errors.New("which server? write it like mysql://user:password@host/name")
	}
	cfg.Timeout = c.Connect
	// Queries end with their context; this ends what the driver does without one, such as undoing a transaction.
	cfg.ReadTimeout, cfg.WriteTimeout = LongestTimeout+time.Second, LongestTimeout+time.Second
	cfg.ParseTime, cfg.MultiStatements, cfg.InterpolateParams, cfg.ClientFoundRows = false, false, false, true
	cfg.Logger = silent{}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["time_zone"] = "'+00:00'" // in which TIMESTAMP columns then come
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return connected(connector, c), nil
}

func portOr(u *url.URL, usual string) string {
	if p := u.Port(); p != "" {
		return p
	}
	return usual
}

// silent keeps the driver from writing to standard error; what it would say comes back as an error too.
type silent struct{}

func (silent) Print(...any) {}

func mysqlValue(v any, column *sql.ColumnType) (any, error) {
	name := column.DatabaseTypeName()
	switch v := v.(type) {
	case float32:
		return strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
	case []byte:
		return mysqlText(string(v), name, v)
	case string:
		return mysqlText(v, name, []byte(v))
	}
	return v, nil
}

// mysqlText is a value that came as text; raw is the same.
func mysqlText(s, name string, raw []byte) (any, error) {
	switch name {
	case "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY", "GEOMETRY":
		return raw, nil
	case "BIT":
		n := uint64(0)
		for _, b := range raw {
			n = n<<8 | uint64(b)
		}
		return n, nil
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR":
		return strconv.ParseInt(s, 10, 64)
	case "UNSIGNED TINYINT", "UNSIGNED SMALLINT", "UNSIGNED MEDIUMINT", "UNSIGNED INT", "UNSIGNED BIGINT":
		return strconv.ParseUint(s, 10, 64)
	case "FLOAT", "DOUBLE":
		return strconv.ParseFloat(s, 64)
	case "DATETIME":
		return strings.Replace(s, " ", "T", 1), nil
	case "TIMESTAMP":
		return strings.Replace(s, " ", "T", 1) + "Z", nil
	}
	return s, nil
}

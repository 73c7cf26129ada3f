package database

import (
	"fmt"
	"os"
	"testing"

	"github.com/ivrd/ivrd/test/sqlserver"
	"go.uber.org/goleak"
)

// The servers of all tests.
var postgres, mariadb *sqlserver.Server

func TestMain(m *testing.M) {
	var err error
	if postgres, err = sqlserver.PostgreSQL(); err == nil {
		mariadb, err = sqlserver.MariaDB()
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	for _, s := range []*sqlserver.Server{postgres, mariadb} {
		if s == nil {
			continue
		}
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

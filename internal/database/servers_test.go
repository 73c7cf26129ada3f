package database

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/ivrd/ivrd/test/sqlserver"
	"go.uber.org/goleak"
)

// A shared server is started by the first test that needs it and stopped when all are over.
type shared struct {
	start  func() (*sqlserver.Server, error)
	once   sync.Once
	server *sqlserver.Server
	err    error
}

var (
	sharedPostgres = shared{start: sqlserver.PostgreSQL}
	sharedMariaDB  = shared{start: sqlserver.MariaDB}
)

func (s *shared) running(t testing.TB) *sqlserver.Server {
	t.Helper()
	s.once.Do(func() { s.server, s.err = s.start() })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

func postgres(t testing.TB) *sqlserver.Server { return sharedPostgres.running(t) }
func mariadb(t testing.TB) *sqlserver.Server  { return sharedMariaDB.running(t) }

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range []*shared{&sharedPostgres, &sharedMariaDB} {
		if s.server == nil {
			continue
		}
		if err := s.server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

package luaapi

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/internal/web"
)

// Systems are what flows reach other systems with, as engine.Engine.Systems. Of what is nil nothing goes out.
type Systems struct {
	HTTP     *web.Client
	Services []string // that flows may name where HTTP is nil; nil is any
}

// Close lets go of connections that nobody uses.
func (s Systems) Close() {
	if s.HTTP != nil {
		s.HTTP.Close()
	}
}

// checkService says what is wrong with the name of a service.
func (s Systems) checkService(name string) error {
	known := s.Services
	if s.HTTP != nil {
		known = s.HTTP.Services()
	}
	switch {
	case name == "":
		return errors.New("a service has a name; it stands below services in ivrd.yaml")
	case s.HTTP == nil && known == nil, slices.Contains(known, name):
		return nil
	}
	return fmt.Errorf("there is no service %q%s", name, cmp.Or(spell.Suffix(name, known), "; it belongs below services in ivrd.yaml"))
}

// systemsOf are those of a call; in a transcript there are none.
func systemsOf(c *engine.Call) Systems {
	s, _ := c.Systems().(Systems)
	return s
}

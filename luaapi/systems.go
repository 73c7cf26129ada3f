package luaapi

import (
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/web"
)

// Systems are what flows reach other systems with, as engine.Engine.Systems. Of what is nil nothing goes out.
type Systems struct {
	HTTP *web.Client
}

// Close lets go of connections that nobody uses.
func (s Systems) Close() {
	if s.HTTP != nil {
		s.HTTP.Close()
	}
}

// systemsOf are those of a call; in a transcript there are none.
func systemsOf(c *engine.Call) Systems {
	s, _ := c.Systems().(Systems)
	return s
}

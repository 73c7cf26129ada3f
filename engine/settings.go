package engine

import "errors"

// Settings are the designer's own, beside the flows. A Flow can have them, in its version.
type Settings interface {
	// Setting is the value of a path such as "operators.sales", as JSON; "" if there is none, of which hint says more.
	Setting(path string) (value, hint string)
}

var errNoSettings = errors.New("there are no settings; config.yaml beside the flows is the place for them")

// Setting is a setting of the flow that runs, as JSON; "" if there is none, of which hint says more. It is no step:
// settings are part of the flow's version.
func (c *Call) Setting(path string) (value, hint string, err error) {
	s, ok := c.flow.(Settings)
	if !ok {
		return "", "", errNoSettings
	}
	value, hint = s.Setting(path)
	return value, hint, nil
}

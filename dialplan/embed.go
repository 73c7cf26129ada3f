// Package dialplan holds ivrd's part of the dialplan: what extensions.conf needs so that flows can do what takes
// dialplan applications. `ivrd dialplan` prints it.
package dialplan

import _ "embed"

// Conf is the text.
//
//go:embed ivrd.conf
var Conf string

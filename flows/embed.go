// Package flows holds the flows that ivrd serves when it is given no folder of its own.
package flows

import "embed"

// FS is this folder.
//
//go:embed *.lua *.yaml *.call
var FS embed.FS

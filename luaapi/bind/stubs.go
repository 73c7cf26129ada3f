package bind

import (
	"fmt"
	"io"
	"strings"
)

// Stubs writes the API as a definition file for the Lua language server (LuaLS), so that editors
// complete and check names.
func (api API) Stubs(w io.Writer) error {
	out := &strings.Builder{}
	out.WriteString("---@meta\n\n")
	for _, a := range api.Aliases {
		comment(out, a.Doc)
		fmt.Fprintf(out, "---@alias %s %s\n\n", a.Name, a.Type)
	}
	for _, m := range api.Modules {
		m.stubs(out)
	}
	_, err := io.WriteString(w, strings.TrimRight(out.String(), "\n")+"\n")
	return err
}

func (m ModuleAPI) stubs(out *strings.Builder) {
	if m.Name != "" {
		comment(out, m.Doc)
		fmt.Fprintf(out, "---@class ivrd.%s\n", m.Name)
		for _, f := range m.Fields {
			fmt.Fprintf(out, "---@field %s %s %s\n", f.Name, stubType(f.Results[0]), oneLine(f.Doc))
		}
		scope := ""
		if m.Class {
			scope = "local "
		}
		fmt.Fprintf(out, "%s%s = {}\n\n", scope, m.Name)
	}
	for _, f := range m.Funcs {
		f.stub(out)
	}
}

func (s Signature) stub(out *strings.Builder) {
	comment(out, s.Doc)
	var names []string
	for _, p := range s.Params {
		if p.Rest {
			fmt.Fprintf(out, "---@param ... any %s\n", oneLine(p.Doc))
			names = append(names, "...")
			continue
		}
		mark := ""
		if p.Optional {
			mark = "?"
		}
		fmt.Fprintf(out, "---@param %s%s %s %s\n", p.Name, mark, stubType(p), oneLine(p.Doc))
		names = append(names, p.Name)
	}
	for _, r := range s.Results {
		fmt.Fprintf(out, "---@return %s %s %s\n", stubType(r), r.Name, oneLine(r.Doc))
	}
	fmt.Fprintf(out, "function %s(%s) end\n\n", s.Call, strings.Join(names, ", "))
}

// stubType is a type in LuaLS notation; a table with known keys lists them.
func stubType(p Param) string {
	if p.Options == nil {
		return p.Type
	}
	var fields []string
	for _, o := range p.Options {
		mark := ""
		if o.Optional {
			mark = "?"
		}
		fields = append(fields, o.Name+mark+": "+stubType(o))
	}
	return "{ " + strings.Join(fields, ", ") + " }"
}

func comment(out *strings.Builder, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(out, "---%s\n", line)
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

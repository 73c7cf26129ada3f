package bind

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Reference writes the API as Markdown.
func (api API) Reference(w io.Writer) error {
	out := &strings.Builder{}
	if len(api.Aliases) > 0 {
		out.WriteString("# What a flow can call\n\nBesides Lua's own string, table, math, os.time, os.date and coroutine.\n\n## Types\n\n")
		for _, a := range api.Aliases {
			fmt.Fprintf(out, "- `%s` (%s): %s\n", a.Name, a.Type, a.Doc)
		}
		out.WriteString("\n")
	}
	for _, m := range api.Modules {
		name := m.Name
		if name == "" {
			name = "Globals"
		}
		fmt.Fprintf(out, "## %s\n\n%s\n\n", name, m.Doc)
		for _, f := range slices.Concat(m.Fields, m.Funcs) {
			f.reference(out, api.options(f.Like))
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(out.String(), "\n")+"\n")
	return err
}

// Help writes one function as Markdown.
func (s Signature) Help(w io.Writer) error {
	out := &strings.Builder{}
	s.reference(out, nil)
	_, err := io.WriteString(w, strings.TrimRight(out.String(), "\n")+"\n")
	return err
}

// options are the names of all options of a function.
func (api API) options(call string) []string {
	var names []string
	for _, m := range api.Modules {
		for _, f := range m.Funcs {
			if f.Call != call {
				continue
			}
			for _, p := range f.Params {
				for _, o := range p.Options {
					names = append(names, o.Name)
				}
			}
		}
	}
	return names
}

// reference writes s without the options that are listed elsewhere.
func (s Signature) reference(out *strings.Builder, elsewhere []string) {
	if s.Field {
		fmt.Fprintf(out, "### %s\n\n%s\n\n", s.Call, s.Doc)
		list(out, "Keys", keys(s.Results))
		return
	}
	fmt.Fprintf(out, "### %s\n\n*syntax:* `%s`\n\n", s.Call, s.Syntax())
	if s.Where != "" {
		fmt.Fprintf(out, "*works over:* %s\n\n", s.Where)
	}
	fmt.Fprintf(out, "%s\n\n", s.Doc)
	var plain, options []Param
	for _, p := range s.Params {
		if p.Options == nil {
			plain = append(plain, p)
		} else {
			for _, o := range p.Options {
				if !slices.Contains(elsewhere, o.Name) {
					options = append(options, o)
				}
			}
		}
	}
	list(out, "Arguments", plain)
	list(out, "Options", options)
	if len(elsewhere) > 0 {
		fmt.Fprintf(out, "Further options: those of `%s`.\n\n", s.Like)
	}
	if s.Multi {
		list(out, "Returns", s.Results)
	} else {
		list(out, "Returns a table", keys(s.Results))
	}
	if s.Example != "" {
		fmt.Fprintf(out, "```lua\n%s\n```\n\n", strings.TrimSpace(s.Example))
	}
}

// keys are those of a returned table.
func keys(results []Param) []Param {
	if len(results) == 1 {
		return results[0].Options
	}
	return nil
}

func list(out *strings.Builder, title string, params []Param) {
	if len(params) == 0 {
		return
	}
	fmt.Fprintf(out, "%s:\n\n", title)
	for _, p := range params {
		fmt.Fprintf(out, "- `%s` (%s", p.Name, p.Type)
		switch {
		case p.Default != "":
			fmt.Fprintf(out, ", default %s", p.Default)
		case p.Optional:
			out.WriteString(", optional")
		}
		fmt.Fprintf(out, "): %s", p.Doc)
		if p.Where != "" {
			fmt.Fprintf(out, " Works over: %s.", p.Where)
		}
		out.WriteString("\n")
		for _, o := range p.Options { // a table within
			fmt.Fprintf(out, "  - `%s`: %s\n", o.Name, o.Doc)
		}
	}
	out.WriteString("\n")
}

// Syntax is the function as it is called, with its results.
func (s Signature) Syntax() string {
	var params []string
	braces := len(s.Params) == 1 && s.Params[0].Options != nil
	for _, p := range s.Params {
		name := p.Name
		switch {
		case p.Options != nil:
			name = "{ " + p.Options[0].Name + " = …, … }"
		case p.Rest:
			name = "…"
		}
		if p.Optional && !p.Rest {
			name = "[" + name + "]"
		}
		params = append(params, name)
	}
	call := s.Call + "(" + strings.Join(params, ", ") + ")"
	if braces && !s.Params[0].Optional {
		call = s.Call + " " + params[0]
	}
	var results []string
	for _, r := range s.Results {
		name := r.Name
		if name == "" {
			name = strings.TrimSuffix(r.Type, "?")
		}
		results = append(results, name)
	}
	if len(results) == 0 {
		return call
	}
	return strings.Join(results, ", ") + " = " + call
}

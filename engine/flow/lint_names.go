package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// names looks at variables: those that do not exist, those that are global by accident, those nobody reads.
func (f *fileLinter) names() {
	tested := map[string]bool{}
	for _, r := range f.reads {
		tested[r.name.Value] = tested[r.name.Value] || r.use == useTested
	}
	for _, r := range f.reads {
		if r.use == useTested || !tested[r.name.Value] {
			f.globalRead(r)
		}
	}
	told := map[string]bool{}
	for _, w := range f.writes {
		if !told[w.name] {
			told[w.name] = f.globalWrite(w)
		}
	}
	for _, v := range f.variables {
		f.shadow(v)
		f.unused(v)
	}
}

func (f *fileLinter) globalRead(r globalRead) {
	name, line := r.name.Value, r.name.Line()
	instead, gone := f.removed[name]
	switch {
	case f.program.open || f.program.has(name):
	case gone && r.use != useTested:
		f.nothing(r.use, line, name, instead, "%s is not available in flows", name)
	case gone || f.known(name):
	case r.use == useTested:
		f.doubtful(line, name, f.meant(name, false), "%s is not defined and always nil", name)
	default:
		f.nothing(r.use, line, name, f.meant(name, r.use == useCalled), "%s is not defined", name)
	}
}

// elsewhere are names that flows of FreeSWITCH (mod_lua) and Asterisk (pbx_lua) begin with, and what does the same here.
var elsewhere = map[string]string{
	"session":    "here the call is call, as in call:answer() and call:play(…)",
	"freeswitch": "here log.info(…) writes to the log, and the call is call, as in call:play(…)",
	"channel":    "here call:get(…) and call:set(…) are for the channel's variables",
	"app":        "here call:exec(…) runs an application of the dialplan",
}

// meant is a hint for a name that is not defined.
func (f *fileLinter) meant(name string, called bool) string {
	for _, v := range f.variables {
		if v.name == name {
			return fmt.Sprintf("the %s of line %d is known in its own block only", name, v.line)
		}
	}
	if called && f.written[name] != "" {
		return "did you mean " + f.written[name] + "?"
	}
	if hint := elsewhere[name]; hint != "" {
		return hint
	}
	return f.near(name, slices.Concat(f.ownNames(), f.vocabulary.names))
}

// ownNames are all that the file itself defines.
func (f *fileLinter) ownNames() []string {
	var names []string
	for _, v := range f.variables {
		names = append(names, v.name)
	}
	for name := range f.program.top {
		names = append(names, name)
	}
	return names
}

// globalWrite looks at one assignment to a global, and reports whether it said something about it.
func (f *fileLinter) globalWrite(w globalWrite) bool {
	switch {
	case f.ours(w.name):
		f.doubtful(w.line, w.name, "give it another name", "this replaces ivrd's own %s", w.name)
	case !w.nested || f.program.top[w.name] || f.known(w.name) || f.program.open:
		return false
	default:
		f.doubtful(w.line, w.name, f.insteadOfGlobal(w.name), "%s becomes a global variable here", w.name)
	}
	return true
}

func (f *fileLinter) insteadOfGlobal(name string) string {
	var locals []string
	for _, v := range f.variables {
		locals = append(locals, v.name)
	}
	if hint := f.near(name, locals); hint != "" && !slices.Contains(locals, name) {
		return hint
	}
	return "write local before it, here or where it is used first"
}

// shadow warns of a variable that hides the call. A function may be given it by that name.
func (f *fileLinter) shadow(v *variable) {
	lib := f.libraries[v.name]
	if lib == nil || !lib.object || v.parameter || v.value != nil && f.meaning(v.value).lib == lib {
		return
	}
	f.doubtful(v.line, v.name, "give it another name", "this %s hides ivrd's own", v.name)
}

// unused warns of a local variable that nothing reads. Of several that are set by one statement one use is
// enough: the others may stand there for their place.
func (f *fileLinter) unused(v *variable) {
	if v.parameter || v.loop || v != v.group[0] {
		return
	}
	var names []string
	for _, one := range v.group {
		if one.read {
			return
		}
		if !strings.HasPrefix(one.name, "_") {
			names = append(names, one.name)
		}
	}
	if len(names) > 0 {
		f.doubtful(v.line, names[0], "remove it, or begin its name with _", "%s: never used", strings.Join(names, ", "))
	}
}

// fieldUses looks at what is read from libraries and written to them.
func (f *fileLinter) fieldUses() {
	tested := map[string]bool{} // who asks whether a function is there knows what to do if it is not
	for _, u := range f.fields {
		if lib, key := libraryField(f.source, u); key != "" && u.use == useTested {
			tested[lib+"."+key] = true
		}
	}
	for _, u := range f.fields {
		key, ok := u.expr.Key.(*ast.StringExpr)
		if !ok {
			continue
		}
		if lib, name := libraryField(f.source, u); u.use != useSet && tested[lib+"."+name] {
			u.use = useTested
		}
		if lib := f.meaning(u.expr.Object).lib; lib != nil {
			f.libraryUse(lib, key, u.use)
		} else if m := f.meaning(u.expr.Object); m.sig != nil {
			f.recordUse(m, key, u.use)
		}
	}
}

func (f *fileLinter) libraryUse(lib *library, key *ast.StringExpr, u use) {
	name, line := key.Value, key.Line()
	_, known := lib.members[name]
	instead, gone := f.removed[lib.name+"."+name]
	switch {
	case u == useSet && lib.object:
		f.wrong(line, name, "keep values in local variables", "%s.%s cannot be set", lib.name, name)
	case u == useSet, known, f.program.fields[lib.name+"."+name]:
	case u == useTested && !lib.object:
	case gone:
		f.nothing(u, line, name, instead, "%s.%s is not available in flows", lib.name, name)
	default:
		f.unknownMember(u, line, lib, name)
	}
}

func (f *fileLinter) unknownMember(u use, line int, lib *library, name string) {
	hint := f.near(name, lib.names)
	if lib.object { // which raises an error by itself
		u = useRead
	}
	f.nothing(u, line, name, hint, "%s has no %s", lib.name, name)
}

// recordUse looks at a key of a field that is a table with known keys, such as call.caller.
func (f *fileLinter) recordUse(m meaning, key *ast.StringExpr, u use) {
	if !m.sig.Field || len(m.sig.Results) != 1 || len(m.sig.Results[0].Options) == 0 || u == useSet {
		return
	}
	names := optionNames(m.sig.Results[0].Options)
	if !slices.Contains(names, key.Value) {
		f.nothing(u, key.Line(), key.Value, f.near(key.Value, names), "%s has no %s", m.sig.Call, key.Value)
	}
}

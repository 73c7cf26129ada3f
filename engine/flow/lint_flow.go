package flow

import (
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/yuin/gopher-lua/ast"
)

// Which parameters name prompts and flows, by what luaapi declares of them.
func isPrompt(p bind.Param) bool  { return strings.Contains(p.Type, "ivrd.prompt") }
func isFlow(p bind.Param) bool    { return p.Type == "ivrd.flow" }
func isChoices(p bind.Param) bool { return strings.HasPrefix(p.Type, "table<ivrd.pattern") }

// isRecording tells the name of a recording a flow makes.
func isRecording(sig *bind.Signature, p bind.Param) bool {
	return sig.Call == "call:record" && p.Name == "name"
}

// references follows the names in e, which is right as far as its type goes.
func (f *fileLinter) references(sig *bind.Signature, p bind.Param, e ast.Expr) {
	switch {
	case isPrompt(p):
		f.promptNames(e)
	case isChoices(p):
		f.choices(sig, e)
	case isRecording(sig, p):
		if s, ok := e.(*ast.StringExpr); ok {
			f.recorded[s.Value] = true
		}
	case isFlow(p):
		if s, ok := e.(*ast.StringExpr); ok {
			f.leadsTo(s)
		}
	case sig.Call == "db.open":
		f.configured(e, "database", "databases", f.linter.options.Names.Databases)
	case sig.Call == "redis.open":
		f.configured(e, "redis", "redis", f.linter.options.Names.Redis)
	case sig.Call == "redis.call":
		f.configured(mainRedis(e), "redis", "redis", f.linter.options.Names.Redis)
	case sig.Call == "http.service":
		f.configured(e, "service", "services", f.linter.options.Names.Services)
	case sig.Call == "secrets.get":
		f.configured(e, "secret", "secrets", f.linter.options.Names.Secrets)
	case strings.HasPrefix(sig.Call, "hours.") && p.Name == "schedule":
		s, ok := e.(*ast.StringExpr)
		if ok && (s.Value != engine.AllSchedules || sig.Call == "hours.open") {
			f.scheduled(s)
		}
	}
}

// scheduled checks the name of a schedule.
func (f *fileLinter) scheduled(name *ast.StringExpr) {
	if hint, ok := f.linter.set.hours.has(name.Value); !ok {
		f.wrong(name.Line(), name.Value, hint, "there is no schedule %s", name.Value)
	}
}

// setting checks the path of a setting without a default.
func (f *fileLinter) setting(e ast.Expr) {
	path, ok := e.(*ast.StringExpr)
	if !ok {
		return
	}
	if value, hint := f.linter.set.settings.get(path.Value); value == "" {
		f.wrong(path.Line(), path.Value, hint, "there is no setting %s", path.Value)
	}
}

// configured checks the name of something that belongs into a section of ivrd.yaml. known is all there is, nil is any.
func (f *fileLinter) configured(e ast.Expr, what, section string, known []string) {
	name, ok := e.(*ast.StringExpr)
	if !ok || known == nil || slices.Contains(known, name.Value) {
		return
	}
	hint := f.near(name.Value, known)
	switch {
	case hint != "":
	case len(known) == 0:
		hint = section + " in ivrd.yaml is the place for it"
	default:
		hint = section + " in ivrd.yaml has " + strings.Join(known, ", ")
	}
	f.wrong(name.Line(), name.Value, hint, "there is no %s %s", what, name.Value)
}

// noteDynamic notes a flow's name that no literal in the folder shows.
func (f *fileLinter) noteDynamic(p bind.Param, e ast.Expr) {
	if !isFlow(p) {
		return
	}
	for _, one := range f.alternatives(e) {
		switch one.(type) {
		case *ast.StringExpr, *ast.NilExpr:
		default:
			f.dynamic = true
		}
	}
}

// choices follows what a menu offers: flows, prompts, and menus below it.
func (f *fileLinter) choices(sig *bind.Signature, e ast.Expr) {
	t, ok := e.(*ast.TableExpr)
	if !ok {
		return
	}
	for _, field := range t.Fields {
		for _, one := range f.alternatives(field.Value) {
			switch x := one.(type) {
			case *ast.StringExpr:
				f.leadsTo(x)
			case *ast.TableExpr:
				f.choice(sig, x)
			}
		}
	}
}

// choice follows a choice that is a table.
func (f *fileLinter) choice(sig *bind.Signature, t *ast.TableExpr) {
	for _, field := range t.Fields {
		key, ok := field.Key.(*ast.StringExpr)
		if !ok {
			continue
		}
		switch key.Value {
		case "play":
			f.promptNames(field.Value)
		case "menu":
			p := sig.Params[0]
			f.options(field.Value.Line(), sig, p, []string{p.Name}, field.Value)
		}
	}
}

// leadsTo looks for the flow that is named in the file.
func (f *fileLinter) leadsTo(name *ast.StringExpr) {
	want := name.Value
	if f.set.flows[want] != nil || f.set.units[want+".lua"] != nil {
		return
	}
	hint := "it would be the file " + want + ".lua"
	if bare := strings.TrimSuffix(want, ".lua"); f.set.flows[bare] != nil {
		hint = "did you mean " + bare + "?"
	} else if meant := f.near(want, f.set.Names()); meant != "" {
		hint = meant
	}
	f.wrong(name.Line(), want, hint, "there is no flow %s", want)
}

// blocksLeft warns of statements that are never reached.
func (f *fileLinter) blocksLeft() {
	for _, block := range f.blocks {
		for i, s := range block[:max(0, len(block)-1)] {
			after, ended := block[i+1], f.ends(s)
			if ended == "" {
				continue
			}
			if _, label := after.(*ast.LabelStmt); !label {
				f.doubtful(after.Line(), "", "", "this is never reached: %s on line %d", ended, s.Line())
			}
			break
		}
	}
}

// ends says how s ends what it is in, "" if it may not.
func (f *fileLinter) ends(stmt ast.Stmt) string {
	switch s := stmt.(type) {
	case *ast.ReturnStmt:
		return "there is a return"
	case *ast.BreakStmt:
		return "there is a break"
	case *ast.GotoStmt:
		return "there is a goto"
	case *ast.FuncCallStmt:
		if c, ok := s.Expr.(*ast.FuncCallExpr); ok {
			return f.endsFlow(c)
		}
	case *ast.DoBlockStmt:
		if len(s.Stmts) > 0 {
			return f.ends(s.Stmts[len(s.Stmts)-1])
		}
	case *ast.IfStmt:
		if len(s.Then) > 0 && len(s.Else) > 0 && f.ends(s.Then[len(s.Then)-1]) != "" && f.ends(s.Else[len(s.Else)-1]) != "" {
			return "every branch ends"
		}
	}
	return ""
}

func (f *fileLinter) endsFlow(c *ast.FuncCallExpr) string {
	if c.Method == "" {
		return ""
	}
	lib := f.meaning(c.Receiver).lib
	if lib == nil {
		return ""
	}
	if sig := lib.members[c.Method]; sig == nil || !sig.Ends {
		return ""
	}
	return lib.name + ":" + c.Method + " ends the flow"
}

// unreached warns of flows to which no route and no other flow leads. Only a folder with a routes.yaml
// says which there are.
func (l *linter) unreached() {
	if l.set.routes.good == nil || l.dynamic {
		return
	}
	led := l.routed()
	for _, f := range l.files {
		name := strings.TrimSuffix(f.code.File, ".lua")
		if l.set.flows[name] != nil && !led[name] && !l.mentioned(name) {
			l.problems = append(l.problems, Problem{
				File: f.code.File, Text: "no route and no other flow leads to this flow", Warning: true,
				Hint: "only calls that ask for it by name, agi://host/" + name + ", get it",
			})
		}
	}
}

// routed are the flows that routes lead to, and those that stand in by their name.
func (l *linter) routed() map[string]bool {
	led := map[string]bool{"default": true, "fallback": true}
	t := l.set.routes.good
	note := func(r *routeSpec) {
		led[r.flow] = true
		if r.fallback != nil {
			led[r.fallback.flow] = true
		}
	}
	for i := range t.routes {
		note(&t.routes[i])
	}
	if t.standard != nil {
		note(t.standard)
	}
	if t.fallback != nil {
		led[t.fallback.flow] = true
	}
	return led
}

// mentioned reports whether another file requires name, or has it among its strings: as a whole, or the
// folder it is in.
func (l *linter) mentioned(name string) bool {
	for at, u := range l.set.units {
		if u.code == nil || at == name+".lua" {
			continue
		}
		for _, r := range u.code.Requires {
			if r.Name == name {
				return true
			}
		}
		for _, w := range u.words {
			if w == name || strings.HasSuffix(w, "/") && strings.HasPrefix(name, w) {
				return true
			}
		}
	}
	return false
}

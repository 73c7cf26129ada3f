package flow

import (
	"github.com/ivrd/ivrd/engine"
	"github.com/yuin/gopher-lua/ast"
)

// mainRedis stands for the name that redis.call means without saying so, where its argument e is.
func mainRedis(e ast.Expr) ast.Expr {
	name := &ast.StringExpr{Value: engine.MainRedis}
	name.SetLine(e.Line())
	return name
}

// askedServer looks at the command of cache:call(…), if cache certainly is what redis.open gave.
func (f *fileLinter) askedServer(c *ast.FuncCallExpr, lib *library) {
	opened, ok := f.scalarText(c.Receiver).(*ast.FuncCallExpr)
	if lib != nil || !ok || len(c.Args) == 0 {
		return
	}
	m := f.meaning(opened.Func)
	if m.sig == nil || m.sig.Call != "redis.open" {
		return
	}
	if sig := m.of.members[c.Method]; sig != nil {
		p := sig.Params[0]
		for _, one := range f.alternatives(c.Args[0]) {
			f.judge(sig, p, []string{p.Name}, one)
		}
	}
}

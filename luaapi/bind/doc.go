// Package bind makes typed Go functions callable from Lua, each declared once.
//
// From a Func's declaration come the check of its arguments and the message when they are wrong, the
// reference, the editor stubs, and what the linter knows. The implementation receives the declared
// struct, so it cannot use a name it did not declare.
//
//	type moneyArgs struct {
//		Amount   float64 `lua:"amount"   doc:"How much, in units of the currency."`
//		Currency string  `lua:"currency" doc:"ISO 4217 code, such as \"BRL\"."`
//	}
//
//	var money = bind.Func{
//		Name: "money",
//		Doc:  "An amount of money as prompts.",
//		Impl: bind.Pure(func(c *engine.Call, a moneyArgs) (engine.Prompts, error) { … }),
//	}
//
// The fields of the argument struct are the parameters, in order. A field that is itself a struct is a
// table of named options. Tags: lua:"name", lua:"name,optional" or lua:"name,rest" (all further arguments);
// doc:"…"; default:"5" or default:"\"#\"", a Lua literal that stands in when nothing is given; min:"1",
// max:"10" for numbers; one:"a b c" for strings; needs:"…" for an option that takes more of the host than its function.
// Bind knows nothing of calls: the host a function is given is whatever Binder.Host returns.
package bind

package engine

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

// What is known of each kind of step is written down, in one place.
func TestKindsAreKnown(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != "Kind" {
			return true
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if kinds++; !Kind(word).Known() && Kind(word) != StepOn {
			t.Errorf("nothing is known of %s", spec.Names[0].Name)
		}
		return true
	})
	if kinds != len(traits)+1 {
		t.Errorf("there are %d kinds, and %d traits", kinds, len(traits))
	}
}

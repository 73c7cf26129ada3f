package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ivrd/ivrd/"

// anyone may import these, which import nothing of ours.
var leaves = []string{"internal/spell", "internal/turns", "internal/yamldoc"}

// mayImport is who may import whom, of ours. What a package is allowed it needs not use.
var mayImport = map[string][]string{
	"engine":            nil,
	"luaapi/bind":       nil,
	"internal/database": nil,
	"internal/redis":    nil,
	"internal/spell":    nil,
	"internal/turns":    nil,
	"internal/yamldoc":  nil,
	"internal/web":      nil,
	"flows":             nil,
	"dialplan":          nil,
	"engine/agi":        {"engine"},
	"engine/archive":    {"engine"},
	"engine/ari":        {"engine"},
	"engine/hours":      nil,
	"engine/say":        {"engine"},
	"engine/sim":        {"engine"},
	"engine/sound":      nil,
	"engine/tts":        {"engine/sound"},
	"engine/transcript": {"engine"},
	"engine/enginetest": {"engine", "engine/transcript"}, // the contract is transcripts
	"luaapi":            {"luaapi/bind", "engine", "engine/say", "internal/database", "internal/redis", "internal/web"},
	"engine/flow":       {"luaapi", "luaapi/bind", "engine", "engine/hours", "engine/say", "engine/sound"},
	"cmd/ivrd": {
		"dialplan", "engine", "engine/agi", "engine/archive", "engine/ari", "engine/flow", "engine/say", "engine/sim", "engine/sound",
		"engine/transcript", "engine/tts", "flows", "internal/database", "internal/redis", "internal/web", "luaapi", "luaapi/bind",
	},
}

// knowLua is where gopher-lua may be imported.
var knowLua = []string{"luaapi", "luaapi/bind", "engine/flow"}

type goPackage struct {
	Dir        string
	Name       string
	ImportPath string
	Imports    []string
	GoFiles    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=Dir,Name,ImportPath,Imports,GoFiles", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		isTest := strings.HasPrefix(p.ImportPath, "test/") // the lab and the benchmarks may use everything
		allowed, known := mayImport[p.ImportPath]
		if !known && !isTest {
			t.Errorf("package %s is not in mayImport; say there what it may import", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "github.com/yuin/gopher-lua") && !slices.Contains(knowLua, p.ImportPath) && !isTest {
				t.Errorf("%s imports %s, which only %v may", p.ImportPath, i, knowLua)
			}
			ours, ok := strings.CutPrefix(i, module)
			if ok && !isTest && !slices.Contains(allowed, ours) && !slices.Contains(leaves, ours) {
				t.Errorf("%s imports %s; it may import %v", p.ImportPath, ours, append(allowed, leaves...))
			}
		}
	}
}

// Nothing happens by being imported, and a package's name says what it is about.
func TestNoInitAndNoCatchAll(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, name := range []string{p.Name, path.Base(p.ImportPath)} {
			if slices.Contains([]string{"util", "utils", "common", "types", "helpers"}, name) {
				t.Errorf("%s: a package called %s says nothing", p.ImportPath, name)
			}
		}
		for _, file := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s/%s has a func init", p.ImportPath, file)
				}
			}
		}
	}
}

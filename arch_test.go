package netperfmeter_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The house: a package imports only to its right, never to its left, never
// beside it.
//
//	cmd/netperfmeter --> active | passive --> control | flow --> channels | stats | traffic --> wire | sys
//	man, test, bench: beside it
const module = "netperfmeter"

// layers has every package that the program is made of. A new package gets its
// place here before it is written.
var layers = map[string]int{
	"cmd/netperfmeter": 0,
	"active":           1, "passive": 1,
	"control": 2, "flow": 2,
	"channels": 3, "stats": 3, "traffic": 3,
	"wire": 4, "sys": 4,
}

// beside has the packages that the program is not made of: nothing in layers
// may import them. They import what is listed, or anything if that is nil.
var beside = map[string][]string{
	"":                     {}, // the root itself
	"channels/channeltest": {"channels", "wire"},
	"test":                 nil, // and all below it
	"bench":                nil, // and all below it
}

// foreign has the standard packages that stand for what a package does not
// know.
var foreign = map[string][]string{
	"wire":    {"log", "log/slog", "net", "net/netip", "os", "syscall", "time"},
	"sys":     {"net", "net/netip"},
	"traffic": {"net", "net/netip", "syscall"},
	"stats":   {"net", "net/netip"},
}

// listed is what go list says of a package. IgnoredGoFiles are those of other
// platforms.
type listed struct {
	ImportPath     string
	Dir            string
	Imports        []string
	GoFiles        []string
	CgoFiles       []string
	IgnoredGoFiles []string
}

func (p listed) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// goList returns the module's packages, those that do not compile included.
func goList(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 2 {
		t.Fatalf("go list finds %d packages", len(packages))
	}
	return packages
}

// sources parses the package's files of all platforms, tests left out.
func (p listed) sources(t *testing.T) []*ast.File {
	t.Helper()
	var files []*ast.File
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", p.ImportPath, err)
			continue
		}
		files = append(files, file)
	}
	return files
}

// imports returns what the package imports on any platform.
func (p listed) imports(t *testing.T) []string {
	t.Helper()
	all := slices.Clone(p.Imports)
	for _, file := range p.sources(t) {
		for _, spec := range file.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				all = append(all, path)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// standing finds a package in beside: it, or a folder above it that takes all
// below it.
func standing(name string) (may []string, ok bool) {
	if may, ok = beside[name]; ok {
		return may, true
	}
	top, _, below := strings.Cut(name, "/")
	may, ok = beside[top]
	return may, ok && below && may == nil
}

// violation says what is wrong with an import of one of the module's packages
// by another, or "".
func violation(importer, imported string) string {
	from, inside := layers[importer]
	to, program := layers[imported]
	switch may, ok := standing(importer); {
	case inside && program && to > from:
		return ""
	case inside && program:
		return "is not to its right"
	case inside:
		return "is not a part of the program"
	case ok && (may == nil || slices.Contains(may, imported)):
		return ""
	}
	return "is not on its list"
}

func TestArchitecture(t *testing.T) {
	for _, p := range goList(t) {
		name := p.name()
		if _, ok := layers[name]; !ok {
			if _, ok := standing(name); !ok {
				t.Errorf("%q has no place in the picture: see layers and beside", name)
				continue
			}
		}
		for _, path := range p.imports(t) {
			if slices.Contains(foreign[name], path) {
				t.Errorf("%s imports %s, which it is not to know", name, path)
			}
			imported, ours := strings.CutPrefix(path, module+"/")
			if !ours {
				continue
			}
			if wrong := violation(name, imported); wrong != "" {
				t.Errorf("%s imports %s, which %s", name, imported, wrong)
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, p := range goList(t) {
		for _, file := range p.sources(t) {
			for _, declaration := range file.Decls {
				if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s has a func init", p.ImportPath)
				}
			}
		}
	}
}

// TestViolation keeps the test above from passing because it sees nothing.
func TestViolation(t *testing.T) {
	tests := []struct {
		importer, imported string
		allowed            bool
	}{
		{"cmd/netperfmeter", "active", true},
		{"cmd/netperfmeter", "wire", true},
		{"active", "flow", true},
		{"active", "passive", false},
		{"flow", "control", false},
		{"channels", "flow", false},
		{"wire", "sys", false},
		{"wire", "channels", false},
		{"channels", "channels/channeltest", false},
		{"flow", "test/lab", false},
		{"channels/channeltest", "channels", true},
		{"channels/channeltest", "flow", false},
		{"", "wire", false},
		{"bench/internal/ours", "active", true},
		{"test", "test/lab", true},
	}
	for _, test := range tests {
		wrong := violation(test.importer, test.imported)
		if (wrong == "") != test.allowed {
			t.Errorf("%s imports %s: %q, allowed is %v", test.importer, test.imported, wrong, test.allowed)
		}
	}
}

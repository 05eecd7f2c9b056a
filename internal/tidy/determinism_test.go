package tidy

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// realTime lists who may look at the wall clock, wait for it, or ask the
// operating system for randomness: the edge to the real world and nothing else.
// Entries are packages, or single files.
var realTime = []struct{ place, because string }{
	{"cli", "draws the seed that nobody gave, stamps run.json, paces the progress line"},
	{"cmd/*", "is the process"},
	{"nemesis/agent", "does harm to real processes, for a time and with patience"},
	{"targets/docker", "waits for real nodes, and labels what it makes with the time"},
	{"targets/etcd", "waits for real nodes"},
	{"targets/mariadb", "waits for a real server"},
	{"targets/postgres", "waits for a real server"},
	{"targets/relational", "waits for a real server"},
	{"targets/served", "waits for real nodes"},
	{"targets/refdb/sharded/server", "is a node with real clocks, and draws its elections"},
	{"runner/realtime.go", "drives clients of real nodes on the monotonic clock"},
	{"runner/worker.go", "limits the time of an op on real nodes"},
	{"runner/realtime_test.go", "proves that it does"},
	{"runner/store_test.go", "is its cluster, on the clock of a synctest bubble"},
	{"reports/browser_test.go", "waits for a real browser"},
	{"check/linear/budget_test.go", "proves that a search ends with its time and memory"},
}

// ambient names the functions that read the clock or global randomness behind
// the caller's back; for a package with a list of what is harmless instead, all
// other functions are ambient.
var ambient = map[string]struct {
	banned, harmless []string
	instead          string
}{
	"time": {
		banned:  []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
		instead: "time is an argument",
	},
	"context": {
		banned:  []string{"WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause"},
		instead: "the caller sets the deadline",
	},
	"math/rand/v2": {
		harmless: []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"},
		instead:  "randomness is an argument: a *rand.Rand of the run's seed",
	},
	"math/rand":   {instead: "use math/rand/v2 with a stream of the run's seed"},
	"crypto/rand": {instead: "randomness is an argument: a *rand.Rand of the run's seed"},
}

// determinism: what a run does depends on its seed and configuration alone.
func determinism(t *tree) []violation {
	var found []violation
	for _, s := range t.goFiles() {
		if !mayTouchRealTime(s.path) {
			found = append(found, ambientUses(t, s)...)
		}
	}
	return found
}

func mayTouchRealTime(name string) bool {
	if stem := strings.TrimSuffix(path.Base(name), "_test.go"); stem == "bench" || strings.HasSuffix(stem, "_bench") {
		return true // a measurement needs a clock
	}
	for _, allowed := range realTime {
		if name == allowed.place || covers(allowed.place, path.Dir(name)) {
			return true
		}
	}
	return false
}

func ambientUses(t *tree, s source) []violation {
	var found []violation
	named := map[string]string{} // package path by its name in this file
	for _, spec := range s.syntax.Imports {
		imported := importPath(spec)
		rule, watched := ambient[imported]
		if !watched {
			continue
		}
		switch name := importName(spec, imported); {
		case rule.banned == nil && rule.harmless == nil:
			found = append(found, t.at(spec, "%s: %s", imported, rule.instead))
		case name == ".":
			found = append(found, t.at(spec, "import of %s under the name .: its functions could not be told apart", imported))
		default:
			named[name] = imported
		}
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		if ok && isAmbient(named[id.Name], sel.Sel.Name) && !shadowed(s.syntax, id) {
			found = append(found, t.at(sel, "%s.%s: %s", id.Name, sel.Sel.Name, ambient[named[id.Name]].instead))
		}
		return true
	})
	return found
}

func importName(spec *ast.ImportSpec, imported string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return path.Base(strings.TrimSuffix(imported, "/v2"))
}

func isAmbient(imported, name string) bool {
	rule, watched := ambient[imported]
	if !watched {
		return false
	}
	if rule.harmless != nil {
		return !slices.Contains(rule.harmless, name)
	}
	return slices.Contains(rule.banned, name)
}

// shadowed reports whether a name means a parameter or variable of the function
// around it and not the package: `func (s *Sim) at(time Clock) { time.After(…) }`.
func shadowed(f *ast.File, id *ast.Ident) bool {
	hit := false
	for _, decl := range f.Decls {
		if id.Pos() < decl.Pos() || id.Pos() >= decl.End() {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				hit = hit || declares(n.Names, id.Name)
			case *ast.ValueSpec:
				hit = hit || declares(n.Names, id.Name)
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					name, ok := left.(*ast.Ident)
					hit = hit || ok && n.Tok == token.DEFINE && name.Name == id.Name
				}
			}
			return !hit
		})
	}
	return hit
}

func declares(names []*ast.Ident, name string) bool {
	return slices.ContainsFunc(names, func(id *ast.Ident) bool { return id.Name == name })
}

// pure lists the packages that are arithmetic: what they do is a function of
// their arguments, in one goroutine, without the operating system.
var pure = []string{"models", "sim", "targets/refdb", "targets/simulated", "workloads", "workloads/gen", "nemesis", "check/txn/stores"}

// impure are packages below those that are programs nevertheless.
var impure = []string{"nemesis/agent", "targets/refdb/sharded/server"}

// purity: packages that promise to be pure start no goroutine and do not touch
// files, processes or sockets. Their tests may read goldens.
func purity(t *tree) []violation {
	var found []violation
	for _, s := range t.goFiles() {
		if s.isTest() || !coversAny(pure, s.folder()) || coversAny(impure, s.folder()) {
			continue
		}
		for _, spec := range s.syntax.Imports {
			p := importPath(spec)
			if first, _, _ := strings.Cut(p, "/"); slices.Contains([]string{"os", "net", "syscall"}, first) {
				found = append(found, t.at(spec, "%s imports %s: it is pure, give it what it needs", s.folder(), strconv.Quote(p)))
			}
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				found = append(found, t.at(g, "%s starts a goroutine: it is pure, and goroutines run in no order", s.folder()))
			}
			return true
		})
	}
	return found
}

package tidy

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// Beyond these a reader loses the thread. They are limits, not aims: a function
// should stay below 40 lines and a file below 500.
const (
	maxFunctionLines = 80
	maxFileLines     = 700
)

// sizes: no function and no source file is too long to be read in one go. Test
// data and documents are as long as they need to be.
func sizes(t *tree) []violation {
	var found []violation
	for _, s := range t.sources {
		lines := strings.Count(s.text, "\n")
		if isCode(s.path) && lines > maxFileLines {
			found = append(found, violation{s.path, maxFileLines + 1, quantity(lines, "lines in a file", maxFileLines)})
		}
		if s.syntax != nil {
			found = append(found, longFunctions(t, s)...)
		}
	}
	return found
}

func isCode(name string) bool {
	kinds := []string{".go", ".js", ".css", ".sh", ".tmpl", ".html"}
	return slices.Contains(kinds, path.Ext(name)) && !strings.Contains(name, "testdata/")
}

// longFunctions measures declared functions, and literals that stand alone as a
// package's variable; a literal inside a function counts as a part of it.
func longFunctions(t *tree, s source) []violation {
	var found []violation
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		name := ""
		switch n := n.(type) {
		case *ast.FuncDecl:
			name = n.Name.Name
		case *ast.FuncLit:
			name = "the function"
		default:
			return true
		}
		lines := t.fset.Position(n.End()).Line - t.fset.Position(n.Pos()).Line + 1
		if lines > maxFunctionLines {
			found = append(found, t.at(n, "%s: %s", name, quantity(lines, "lines in a function", maxFunctionLines)))
		}
		return false
	})
	return found
}

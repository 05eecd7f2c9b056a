package tidy

import (
	"go/ast"
	"strconv"
	"strings"
)

// imports: rows, borders and dependencies, as rows_test.go lists them. Tests
// obey the same rows, since a package whose test needs a higher one is tested
// in the wrong place.
func imports(t *tree) []violation {
	var found []violation
	homeless := map[string]bool{}
	for _, s := range t.goFiles() {
		if s.folder() != "." && rowOf(s.folder()) < 0 && !homeless[s.folder()] {
			homeless[s.folder()] = true
			found = append(found, t.at(s.syntax, "package %s has no room in the house: give it a row", s.folder()))
		}
		for _, spec := range s.syntax.Imports {
			if why := refuse(s, importPath(spec)); why != "" {
				found = append(found, t.at(spec, "%s", why))
			}
		}
	}
	return found
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic("parsed import without a path: " + spec.Path.Value)
	}
	return p
}

// refuse says why a file must not import a package, or nothing if it may.
func refuse(s source, imported string) string {
	if imported == module || strings.HasPrefix(imported, module+"/") {
		return refuseOurs(s, strings.TrimPrefix(strings.TrimPrefix(imported, module), "/"))
	}
	return refuseOutside(s, imported)
}

func refuseOurs(s source, to string) string {
	from := s.folder()
	if from == to && s.isTest() {
		return "" // an external test of the package itself
	}
	child := strings.HasPrefix(from, to+"/")
	for _, b := range borders {
		inside := child && covers(b.from, to) // a part of refdb may import refdb
		if covers(b.from, from) && covers(b.to, to) && !coversAny(b.except, from) && !inside {
			return from + " imports " + to + ": " + b.because
		}
	}
	if rowOf(to) < rowOf(from) || child {
		return ""
	}
	return from + " (row " + strconv.Itoa(rowOf(from)) + ") imports " + to + " (row " + strconv.Itoa(rowOf(to)) +
		"): a package imports only from lower rows"
}

func refuseOutside(s source, imported string) string {
	for _, o := range outside {
		if imported != o.path && !strings.HasPrefix(imported, o.path+"/") {
			continue
		}
		if coversAny(o.folders, s.folder()) || o.tests && s.isTest() {
			return ""
		}
		return s.folder() + " imports " + imported + ": " + o.because
	}
	if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
		return s.folder() + " imports " + imported + ": a new dependency is named in rows_test.go, with who may use it and why"
	}
	return ""
}

package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// module is the path in go.mod: what imports of our own packages begin with.
const module = "checker"

// source is one file of the module.
type source struct {
	path   string // from the module's root, with slashes
	text   string
	syntax *ast.File // nil unless it is Go that the go command would build
}

// folder returns the folder of the file, "." for the root: for Go the package's
// path below the module.
func (s source) folder() string { return path.Dir(s.path) }

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// tree is the module, or a small one made up to prove a rule.
type tree struct {
	fset    *token.FileSet
	sources []source // by path
}

// newTree parses files, given as content by path.
func newTree(files map[string]string) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	for name, text := range files {
		s := source{path: name, text: text}
		if strings.HasSuffix(name, ".go") && !strings.Contains(name, "testdata/") {
			syntax, err := parser.ParseFile(t.fset, name, text, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			s.syntax = syntax
		}
		t.sources = append(t.sources, s)
	}
	slices.SortFunc(t.sources, func(a, b source) int { return strings.Compare(a.path, b.path) })
	return t, nil
}

// loadTree reads the module below root: everything that .gitignore does not
// exclude. A binary file is there, but empty.
func loadTree(root string) (*tree, error) {
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if isOutside(rel) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || isProduct(rel) {
			return nil
		}
		data, err := os.ReadFile(name)
		if bytes.Contains(data, []byte{0}) {
			data = nil
		}
		files[rel] = string(data)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newTree(files)
}

// isOutside says which folders are not the project's: run directories, binaries
// and hidden folders except the CI's.
func isOutside(folder string) bool {
	hidden := strings.HasPrefix(path.Base(folder), ".") && folder != "." && folder != ".ci"
	return hidden || folder == "store" || folder == "bin"
}

// isProduct says which files a build leaves behind, or git: in a work tree beside
// the first .git is a file.
func isProduct(name string) bool {
	return name == ".git" || slices.Contains([]string{".test", ".prof", ".out"}, path.Ext(name))
}

// goFiles returns the Go sources.
func (t *tree) goFiles() []source {
	return slices.DeleteFunc(slices.Clone(t.sources), func(s source) bool { return s.syntax == nil })
}

// violation is a place where a rule is broken.
type violation struct {
	path string
	line int // 1-based; 0 for the file as a whole
	text string
}

func (v violation) String() string {
	if v.line == 0 {
		return v.path + ": " + v.text
	}
	return fmt.Sprintf("%s:%d: %s", v.path, v.line, v.text)
}

// at makes a violation at the place of a node.
func (t *tree) at(n ast.Node, format string, args ...any) violation {
	pos := t.fset.Position(n.Pos())
	return violation{pos.Filename, pos.Line, fmt.Sprintf(format, args...)}
}
